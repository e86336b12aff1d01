/** Short texts beside each part: plain words first, the formula after, and where it comes from. */
import type { JSX } from 'preact';
import { dualityFormula, nc1Formula, objectiveFormula, regimeFormula } from './formulas.js';

const DANG = 'Dang et al., Neural Collapse in Deep Linear Networks, ICML 2023 (arXiv 2301.00437)';
const PAPYAN = 'Papyan, Han & Donoho 2020 (arXiv 2008.08186)';

interface Text {
  readonly title: string;
  readonly words: string;
  readonly formula: JSX.Element | null;
  readonly source: string;
}

export type Topic = 'problem' | 'frame' | 'gram' | 'phase' | 'training' | 'collapse' | 'network' | 'weights';

const TEXTS: Readonly<Record<Topic, Text>> = {
  problem: {
    title: 'What is being minimised?',
    words:
      'The features H are free to go anywhere, and M linear layers P = W_M … W_1 must name the classes from them. Large weights and features cost; the two decays say how much. (Under cross-entropy its mean takes the place of the first term.) The small marks under the sliders show where the smallest living class would die.',
    formula: objectiveFormula,
    source: `The unconstrained-features model of ${DANG}.`,
  },
  frame: {
    title: 'Why do the arrows stand like this?',
    words:
      'At the minimum all features of a class lie on one point, and each row of the classifier points along the mean of its class. Without bias the classes are at right angles; with equal sizes and a free bias they form a simplex, as far from each other as they can be. A class with more samples gets a longer row and a shorter mean.',
    formula: dualityFormula,
    source: DANG,
  },
  gram: {
    title: 'What do the matrices show?',
    words:
      'Every pair of classes has an inner product: between rows of the classifier (PPᵀ), between class means (H̄ᵀH̄), and between the two (PH̄, the logits). A diagonal matrix means right angles; equal negative entries beside the diagonal mean a simplex.',
    formula: null,
    source: PAPYAN,
  },
  phase: {
    title: 'When does a class die?',
    words:
      'Keeping a class costs decay; its samples pay for it. Below its threshold a class lives. Above it the best a head can do is to forget the class: its row and its mean are exactly zero. With two or more layers there is a zone between, the metastable one, in which a living solution survives as a local minimum only.',
    formula: regimeFormula,
    source: `${DANG}; the largest root is compared with zero.`,
  },
  training: {
    title: 'Does gradient descent get there?',
    words:
      'Usually, and the measured arrows settle on the predicted ones. But with two or more layers zero is a local minimum for every class: from a small start gradient descent may stay there, and keep fewer classes than theory does.',
    formula: null,
    source: `${DANG}; the trap at the origin follows from the product of two or more factors.`,
  },
  weights: {
    title: 'What do class weights do?',
    words:
      'A class of n samples, each counting w times, lives as a class of n·w^(1+1/M) samples would that count once. Weights that go by n^(−M/(M+1)) make that number the same for all: every class lives up to the same decay (equal survival). Weights that go by 1/n overdo it: then the largest class is lost first.',
    formula: null,
    source: 'The mode of each class, solved with its weight; no bias.',
  },
  collapse: {
    title: 'What are NC1 … NC4?',
    words:
      'Four signs of collapse. NC1: samples of a class move together. NC2: classes take the predicted angles and lengths. NC3: classifier and class means agree. NC4: the classifier decides as the nearest class mean would. The first three fall towards zero.',
    formula: nc1Formula,
    source: `${PAPYAN}; CDNV: Galanti et al. 2021.`,
  },
  network: {
    title: 'What can be said of a real network?',
    words:
      'Its features are not free, so the distance from the predicted frame is a measurement and not a promise. The prediction uses the sizes and layers of the file. λ_H here multiplies the sum over all samples; fit it where your code regularises otherwise.',
    formula: null,
    source: 'The same measurement as that of the command line, collapsar measure.',
  },
};

export function Explain({ topic }: { readonly topic: Topic }): JSX.Element {
  const { title, words, formula, source } = TEXTS[topic];
  return (
    <details class="explain">
      <summary>{title}</summary>
      <p>{words}</p>
      {formula}
      <p class="source">Source: {linked(source)}</p>
    </details>
  );
}

/** Addresses of arXiv in a text, as links. */
function linked(text: string): readonly (string | JSX.Element)[] {
  return text.split(/(arXiv \d{4}\.\d{5})/).map((part) =>
    part.startsWith('arXiv ') ? (
      <a key={part} href={`https://arxiv.org/abs/${part.slice(6)}`} rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
