/** How a file was read where that was not by the documented names, each a sentence. */
import type { ArrayEntry, ArrayFile } from '../../data/index.js';
import type { Head } from '../../model/index.js';
import type { ClassLabels } from './classes.js';
import type { RawLabels } from './labels.js';
import type { HeadNames, Reading } from './roles.js';

export interface WasRead {
  readonly part: { readonly file: ArrayFile; readonly labelName: string; readonly features: ArrayEntry };
  readonly layers: HeadNames | null;
  /** Hidden biases that went into the last. */
  readonly folded: readonly string[];
  readonly raw: RawLabels;
  readonly classes: ClassLabels;
  readonly whole: Head | null;
  /** Whether one logit stands for two classes. */
  readonly binary: boolean;
  readonly reading: Reading;
  /** Files. */
  readonly shards: number;
}

export function notesOf(read: WasRead): string[] {
  return [...namedNotes(read), ...headNotes(read), ...labelNotes(read)];
}

function namedNotes({ part, layers, reading, shards }: WasRead): string[] {
  const { features, labelName } = part;
  const named = [
    ...(features.name === 'features' ? [] : [`features from ${features.name}`]),
    ...(labelName === 'labels' ? [] : [`labels from ${labelName}`]),
    ...(layers === null ? [] : headNames(layers, reading)),
  ];
  return [
    ...(named.length === 0 ? [] : [named.join('; ')]),
    ...(shards > 1 ? [`${shards} files, read as shards of one snapshot`] : []),
  ];
}

function headNames({ weights, biases }: HeadNames, { headFile }: Reading): string[] {
  const usual = weights.every((name, m) => name === `W${m + 1}`);
  const last = biases[biases.length - 1];
  const elsewhere = headFile === undefined ? '' : ` of ${headFile.name}`;
  return [
    ...(usual && elsewhere === '' ? [] : [`head from ${weights.join(', ')}${elsewhere}`]),
    ...(last === null || last === 'b' || last === `b${weights.length}` ? [] : [`bias from ${last}`]),
  ];
}

function headNotes({ layers, folded, binary, reading }: WasRead): string[] {
  const places = (layers?.weights ?? []).map((name) => Number(/(\d+)\.weight$/.exec(name)?.[1]));
  const skips = places.some((place, m) => m > 0 && place > places[m - 1] + 1);
  return [
    ...(skips ? ['between the layers of the head nothing is taken to happen: no activation'] : []),
    ...(folded.length === 0
      ? []
      : [`the biases of hidden layers (${folded.join(', ')}) are folded into that of the last`]),
    ...(binary
      ? [
          'one logit z for two classes is read as the logits −z/2 and z/2: rows of P are opposite, a simplex by construction',
        ]
      : []),
    ...(reading.normalize === true ? ['features and rows of the head are divided by their norms'] : []),
  ];
}

function labelNotes({ raw, classes, whole, reading }: WasRead): string[] {
  const { note, ignored, absent } = classes;
  const ignore = (reading.ignore ?? []).join(' or ');
  const fromOne = whole === null && raw.names === null && absent.length === 1 && absent[0] === 0;
  return [
    ...(note === null ? [] : [note]),
    ...(ignored === 0
      ? []
      : [`${ignored} of ${raw.values.length} samples are left out: their label is ${ignore}`]),
    ...(fromOne ? ['class 0 has no samples: do the labels run from 1?'] : []),
  ];
}
