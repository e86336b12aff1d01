/**
 * L: how many layers with weights an input passes, counted from behind the last BatchNorm.
 *
 * Weights in front of a BatchNorm may have any length, as it divides by their length: what limits a class there is not their decay.
 * Of a residual the longer way counts.
 */
import type { Layer, Network } from '../../../nets/index.js';

export interface CountedLayers {
  /** Names of the layers counted, inputs first; those of the head are W1 … WM. */
  readonly names: readonly string[];
  /** The last BatchNorm, behind which counting begins; null where there is none. */
  readonly behind: string | null;
  /** Convolutions anywhere, also in front of a BatchNorm. */
  readonly convolutions: boolean;
}

export function countLayers({ backbone, head }: Network): CountedLayers {
  const { names, behind } = passed(backbone, { names: [], behind: null });
  return {
    names: [...names, ...Array.from({ length: head.widths.length + 1 }, (_, m) => `W${m + 1}`)],
    behind,
    convolutions: has(backbone, ({ kind }) => kind === 'conv'),
  };
}

interface Passed {
  readonly names: readonly string[];
  readonly behind: string | null;
}

function passed(layers: readonly Layer[], start: Passed): Passed {
  return layers.reduce<Passed>((so, layer) => {
    switch (layer.kind) {
      case 'linear':
      case 'conv':
        return { ...so, names: [...so.names, layer.name] };
      case 'batchNorm':
        return { names: [], behind: layer.name };
      case 'residual': {
        const [body, shortcut] = [passed(layer.body, so), passed(layer.shortcut, so)];
        return body.behind !== so.behind || body.names.length >= shortcut.names.length ? body : shortcut;
      }
      case 'relu':
      case 'maxPool':
      case 'averagePool':
        return so;
      default:
        return layer satisfies never;
    }
  }, start);
}

function has(layers: readonly Layer[], test: (layer: Layer) => boolean): boolean {
  return layers.some(
    (layer) =>
      test(layer) || (layer.kind === 'residual' && (has(layer.body, test) || has(layer.shortcut, test))),
  );
}
