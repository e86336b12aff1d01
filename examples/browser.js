// The script of browser.html: the prediction for one problem, computed anew while the slider moves.
import { createProblem } from 'collapsar/model';
import { predictMse } from 'collapsar/theory';

const slider = document.querySelector('#decay');
const table = document.querySelector('#classes');

function show() {
  const decay = 10 ** Number(slider.value);
  const problem = createProblem({
    counts: [200, 100, 50, 10],
    depth: 2,
    widths: 16,
    weightDecays: decay,
    featureDecay: decay,
  });
  const lines = predictMse(problem).classes.map(
    ({ count, regime, fit }, k) => `class ${k}  n = ${count}  ${regime}  fit ${fit.toFixed(3)}`,
  );
  table.textContent = [`λ = ${decay.toExponential(2)}`, ...lines].join('\n');
}

slider.addEventListener('input', show);
show();
