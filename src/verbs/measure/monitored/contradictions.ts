/** Where what a user says of a monitored training is not what its folder recorded: theory has what is said, and that is to be known. */
import type { MonitoredHeadLayer, MonitorManifest } from '../../../runs/index.js';
import type { SettingInstead } from './setting.js';

/** A sentence for each; `layers`: those that count as the head. Decays in other units are no contradiction. */
export function contradictionsOf(
  { loss, optimizer }: Pick<MonitorManifest, 'loss' | 'optimizer'>,
  layers: readonly MonitoredHeadLayer[],
  instead: SettingInstead,
): string[] {
  return [
    ...lossContradictions(loss, instead),
    ...biasContradiction(layers, instead),
    ...optimizerContradiction(optimizer, instead),
  ];
}

const NAMES = {
  ce: 'cross-entropy',
  nll: 'cross-entropy',
  mse: 'a squared error',
  bce: 'binary cross-entropy',
  other: 'another loss',
} as const;

function lossContradictions(loss: MonitorManifest['loss'], instead: SettingInstead): string[] {
  if (loss === null) return [];
  const recorded = NAMES[loss.name];
  const said = NAMES[instead.loss ?? loss.name];
  if (said !== recorded) return [sentence(`${recorded}${moduleOf(loss)}`, said)];
  const { variations = {} } = instead;
  return [
    ...(instead.loss !== undefined && loss.labelSmoothing > 0 && variations.labelSmoothing === undefined
      ? [sentence(`label smoothing of ${loss.labelSmoothing}`, 'a loss without it')]
      : []),
    ...(instead.loss !== undefined && loss.classWeights !== null && variations.classWeights === undefined
      ? [sentence('class weights', 'a loss without them')]
      : []),
  ];
}

function moduleOf({ module }: NonNullable<MonitorManifest['loss']>): string {
  return module === null ? '' : ` (${module})`;
}

function biasContradiction(layers: readonly MonitoredHeadLayer[], { bias }: SettingInstead): string[] {
  const decay = layers.at(-1)?.biasDecay ?? null;
  if (decay === null || bias === undefined || bias === 'none') return [];
  const recorded = decay > 0 ? 'decayed' : 'free';
  return bias === recorded
    ? []
    : [sentence(`a bias with weight decay ${decay}`, bias === 'free' ? 'a free one' : 'a decayed one')];
}

function optimizerContradiction(
  optimizer: MonitorManifest['optimizer'],
  { optimizer: said }: SettingInstead,
): string[] {
  if (optimizer === null || said === undefined || optimizer.decoupled === null) return [];
  return optimizer.decoupled === (said === 'adamw') ? [] : [sentence(optimizer.name, said)];
}

function sentence(recorded: string, said: string): string {
  return `the run recorded ${recorded}, and it is held against ${said} as was said: that theory is not of this training unless the record is wrong`;
}
