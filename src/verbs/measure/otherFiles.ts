/** Files beside that of training: test samples of the same classes, and features of other data. */
import { refuseShape } from '../../core/errors.js';
import type { ArrayFile } from '../../data/index.js';
import type { FeatureBatches } from '../../metrics/index.js';
import { classesAsIn } from './classes.js';
import { batchesOf } from './featureBatches.js';
import { checkWidths, openPart, partsOf, type FeatureFile } from './featureFile.js';
import { joinLabels } from './labels.js';
import { featureNames, plainShape, shapeOf, type Reading } from './roles.js';

/** Test samples under the classes of training: their labels are read as those were. Throws for a class that training lacks. */
export async function openTest(
  files: readonly ArrayFile[],
  reading: Reading,
  training: Pick<FeatureFile, 'classLabels' | 'words'>,
  d: number,
): Promise<FeatureBatches> {
  const opened = [];
  for (const file of files) opened.push(await openPart(file, reading));
  checkWidths(opened);
  const [first] = opened;
  if (first.d !== d)
    refuseShape(first.features.where, `${d} features a sample, as in training`, `${first.d}`);
  const labels = classesAsIn(
    { values: Int32Array.from(training.classLabels), names: training.words },
    joinLabels(opened.map(({ raw }) => raw)),
    reading.ignore ?? [],
  );
  return batchesOf(partsOf(opened, labels), d, reading.normalize === true);
}

/** Features of other data, N×d; labels are not asked for. */
export async function openOther(file: ArrayFile, reading: Reading, d: number): Promise<FeatureBatches> {
  const only = file.names.length === 1 ? file.names[0] : undefined;
  const name =
    reading.features !== undefined && file.has(reading.features)
      ? reading.features
      : (only ??
        (
          await featureNames(file, { ...reading, features: undefined }, 'labels', NaN, () =>
            Promise.resolve(false),
          )
        ).features);
  const features = await file.get(name);
  const shape = plainShape(features.shape);
  if (features.shape.length < 2 || shape.length > 2 || (shape.at(1) ?? 1) !== d)
    refuseShape(features.where, `features of shape N×${d}, as in training`, `shape ${shapeOf(features)}`);
  const labels = new Int32Array(features.rowCount);
  return batchesOf([{ features, labels }], d, reading.normalize === true);
}
