/** The loss of one sample of a network with all that varies it, times the weight of its class: what engines and measures sum. */
import { sampleLossOf, type Loss, type SampleLoss, type VariedLoss } from '../model/index.js';

/** Of logits z (K numbers, float64) with label y; ∂/∂z is written into `gradient`. */
export function weightedLoss(loss: Loss, varied: VariedLoss): SampleLoss {
  const evaluate = sampleLossOf(loss, varied);
  const { sampleWeights } = varied;
  return (z, y, gradient) => {
    const weight = sampleWeights[y];
    const value = weight * evaluate(z, y, gradient);
    for (let k = 0; k < gradient.length; k++) gradient[k] *= weight;
    return value;
  };
}
