// The largest weight decay at which every class of a long tail lives, for heads of one to four linear layers.
//   node examples/decays.js
import { createProblem, parseCounts, predictMse } from 'collapsar';

const counts = parseCounts('longtail:5000:100:10');
console.log(`n = ${counts.join(', ')}`);
for (const depth of [1, 2, 3, 4]) {
  const problem = createProblem({ counts, depth, widths: 512, weightDecays: 1e-5, featureDecay: 1e-5 });
  // With λ_H tied to λ_W, as with one weight decay for all.
  const limits = predictMse(problem).classes.map(({ maxTiedDecay }) => maxTiedDecay ?? 0);
  console.log(`M = ${depth}: every class lives below λ = ${Math.min(...limits).toExponential(3)}`);
}
