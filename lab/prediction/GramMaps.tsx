/** The three predicted Gram matrices; below them the measured ones while a training is shown. */
import { useComputed } from '@preact/signals';
import { frameEntry, frameSize, type Frame } from 'collapsar/model';
import type { JSX } from 'preact';
import { GramPairs } from '../parts/GramPairs.js';
import { measuredGrams } from '../state/session.js';
import { facts } from '../state/predicted.js';

export function GramMaps(): JSX.Element {
  const predicted = useComputed(() => {
    if (facts.value === null) return null;
    const { weights, features, logits } = facts.value.geometry;
    return { weights: rowsOf(weights), features: rowsOf(features), logits: rowsOf(logits) };
  }).value;
  return (
    <GramPairs
      name="gram"
      heading="h3"
      sides={[
        { title: 'predicted', matrices: predicted, awaited: true },
        { title: 'measured', matrices: measuredGrams.value },
      ]}
    />
  );
}

function rowsOf(frame: Frame): number[][] {
  const K = frameSize(frame);
  return Array.from({ length: K }, (_, i) => Array.from({ length: K }, (__, j) => frameEntry(frame, i, j)));
}
