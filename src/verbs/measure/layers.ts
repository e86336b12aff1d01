/** Which layers of a file are measured: arrays that were named, and those of a deep head. */
import type { Blas } from '../../core/blas.js';
import type { ArrayFile } from '../../data/index.js';
import { centresMeans, expectLayers, layerValues } from '../../judge/index.js';
import { measureFeatures, type GlobalMean, type Measurement } from '../../metrics/index.js';
import type { Snapshot } from '../../model/index.js';
import type { LayerDocument } from './document.js';
import type { FeatureFile } from './featureFile.js';
import { measureHeadLayers, whyNotHeadLayers } from './headLayers.js';
import type { JudgedMeasurement } from './judged.js';
import type { Reading } from './roles.js';

/** Each named array by itself. */
export async function measureLayers(
  layers: FeatureFile['layers'],
  options: { readonly blas: Blas; readonly globalMean: GlobalMean; readonly classes: number },
): Promise<LayerDocument[]> {
  const measured = [];
  for (const { name, batches } of layers) {
    const { measurement } = await measureFeatures(batches, options);
    const { dimension } = batches;
    measured.push({ name, dimension, ...layerValues(measurement), nc1: measurement.nc1, predicted: null });
  }
  return measured;
}

/** The layers of a deep head beside theory, or why they are left out. */
export async function linearLayers(
  { batches }: FeatureFile,
  judged: JudgedMeasurement | null,
  options: {
    readonly snapshot: Snapshot;
    readonly features: Measurement;
    readonly blas: Blas;
    readonly globalMean: GlobalMean;
    readonly required: boolean;
  },
): Promise<{ readonly layers: LayerDocument[]; readonly notes: readonly string[] }> {
  const { snapshot, required, ...rest } = options;
  const { head } = snapshot;
  const { measured, note } = whyNotHeadLayers(snapshot, batches, required);
  if (head === null || !measured) return { layers: [], notes: note === null ? [] : [note] };
  const problem = judged?.prediction.problem;
  const layers = await measureHeadLayers(batches, {
    ...{ ...rest, snapshot: { ...snapshot, head } },
    expected: judged === null ? null : expectLayers(judged.prediction, rest.blas),
    centre: problem !== undefined && centresMeans(problem),
  });
  return { layers, notes: [] };
}

/** The word `head` among the layers, where no array has that name, stands for those of the head. */
export function layersAsked(
  file: ArrayFile,
  names: Reading,
): { readonly reading: Reading; readonly headAsked: boolean } {
  const { layers } = names;
  if (layers === undefined || !layers.includes(HEAD) || file.has(HEAD))
    return { reading: names, headAsked: false };
  const rest = layers.filter((name) => name !== HEAD);
  return { reading: { ...names, layers: rest.length === 0 ? undefined : rest }, headAsked: true };
}

const HEAD = 'head';
