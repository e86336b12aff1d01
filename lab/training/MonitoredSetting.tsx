/** What a training in PyTorch was trained with, as the companion captured it, and theory for that. */
import { formatExact } from 'collapsar/report';
import type { MonitoredReplay } from 'collapsar/runs';
import type { JSX } from 'preact';

type Network = MonitoredReplay['network'];

export function MonitoredSetting({ monitored }: { readonly monitored: MonitoredReplay }): JSX.Element {
  const { network, theory, notes } = monitored;
  return (
    <>
      <h3>What was it trained with?</h3>
      <p>
        As captured in the training: <span data-captured="loss">{lossWords(network.loss)}</span>;{' '}
        <span data-captured="optimizer">{optimizerWords(network.optimizer)}</span>.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Layers of the head">
        <table>
          <thead>
            <tr>
              <th class="text">layer of the head</th>
              <th>size</th>
              <th>weight decay</th>
              <th>of its bias</th>
            </tr>
          </thead>
          <tbody>
            {network.head.map(({ name, inputs, outputs, bias, weightDecay, biasDecay }) => (
              <tr key={name}>
                <th scope="row" class="text">
                  {name}
                </th>
                <td>
                  {outputs} × {inputs}
                </td>
                <td>{decay(weightDecay)}</td>
                <td>{bias ? decay(biasDecay) : 'no bias'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {network.dropout.length > 0 && (
        <p class="hint">
          Dropout before the head: {network.dropout.map(({ name, p }) => `${name} (${p})`).join(', ')}.
        </p>
      )}
      <h3>Beside theory</h3>
      <p data-captured="theory">{theory}</p>
      {notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
    </>
  );
}

function lossWords(loss: Network['loss']): string {
  if (loss === null) return 'the loss was not told';
  const { name, module, reduction, labelSmoothing, classWeights } = loss;
  return [
    module ?? LOSS_NAMES[name],
    ...(reduction === null ? [] : [reductionWords(reduction)]),
    ...(labelSmoothing === 0 ? [] : [`label smoothing ${formatExact(labelSmoothing)}`]),
    ...(classWeights === null ? [] : [`class weights ${classWeights.map(formatExact).join(', ')}`]),
  ].join(', ');
}

const LOSS_NAMES: Readonly<Record<NonNullable<Network['loss']>['name'], string>> = {
  ce: 'cross-entropy',
  nll: 'cross-entropy of log-probabilities',
  mse: 'squared error',
  bce: 'binary cross-entropy',
  other: 'another loss',
};

function reductionWords(reduction: string): string {
  if (reduction === 'mean') return 'averaged over each batch';
  if (reduction === 'sum') return 'summed over each batch';
  return reduction === 'paper' ? 'in theory’s units' : `reduction ${reduction}`;
}

function optimizerWords(optimizer: Network['optimizer']): string {
  if (optimizer === null) return 'the optimiser was not told';
  const beside = optimizer.decoupled === true ? ', which decays weights beside the gradient' : '';
  return `${optimizer.name}${beside}`;
}

function decay(value: number | null): string {
  return value === null ? 'not trained' : formatExact(value);
}
