/** What each measure means and where it comes from. */
import { html, type Html } from './html.js';

const NOTES: readonly (readonly [string, string, string])[] = [
  [
    'NC1',
    'How far samples scatter around the mean of their class, compared with how far the means are apart. Σ_W is the scatter within classes, Σ_B that between them around the mean over all samples. At collapse it is zero.',
    'Papyan, Han & Donoho 2020',
  ],
  [
    'NC1 quotient',
    'tr Σ_W / tr Σ_B: the same idea without a pseudo-inverse, steadier when means almost coincide.',
    'Tirer, Huang & Niles-Weed 2023',
  ],
  [
    'CDNV',
    'For a pair of classes, their mean variance over the squared distance of their means; averaged over all pairs.',
    'Galanti, György & Hutter 2021',
  ],
  [
    'NC2',
    'Which frame the classifier’s rows and the class means form: the distance of PPᵀ and H̄ᵀH̄ from the matrix of that frame, both scaled to norm one. Balanced classes with a bias form a simplex ETF, without one an orthogonal frame; imbalanced classes form a general orthogonal frame with a length for each class, which the prediction gives. Equinorm and equiangular ask for the simplex only.',
    'Papyan, Han & Donoho 2020; frames as in Dang et al. 2023',
  ],
  [
    'NC3',
    'Whether classifier and class means agree: PH̄ from the frame, and P from H̄ᵀ itself or, where classes differ in size, from ΔH̄ᵀ with the predicted factors Δ.',
    'Papyan, Han & Donoho 2020; Dang et al. 2023',
  ],
  [
    'NC4',
    'The share of samples on which the classifier, bias included, picks the class of the nearest mean. At collapse it is one.',
    'Papyan, Han & Donoho 2020',
  ],
  [
    'Alive and lost',
    'A class is lost when its regularisation costs more than fitting it gains: its row and its mean shrink to zero. “Metastable” is a class that is lost at the global minimum although a living local one exists; where training ends then depends on where it started.',
    'after Dang et al. 2023',
  ],
];

const SOURCES: readonly string[] = [
  'Papyan, Han & Donoho, Prevalence of neural collapse during the terminal phase of deep learning training, PNAS 2020.',
  'Galanti, György & Hutter, On the role of neural collapse in transfer learning, 2021 (arXiv 2112.15121).',
  'Tirer, Huang & Niles-Weed, Perturbation analysis of neural collapse, ICML 2023.',
  'Dang et al., Neural collapse in deep linear networks: from balanced to imbalanced data, ICML 2023 (arXiv 2301.00437).',
];

export function notesSection(): Html {
  return html`<section aria-labelledby="notes">
    <h2 id="notes">What the measures mean</h2>
    <p class="lead">
      P = W_M … W₁ is the whole linear head, H the features with one column a sample, H̄ their class means; pₖ
      is row k of P and h̄ₖ column k of H̄.
    </p>
    <dl class="measures">
      ${NOTES.map(
        ([name, text, source]) =>
          html`<dt>${name}</dt>
            <dd>${text} <cite>${source}.</cite></dd>`,
      )}
    </dl>
    <h3>Sources</h3>
    <ul class="lead">
      ${SOURCES.map((source) => html`<li>${source}</li>`)}
    </ul>
  </section>`;
}
