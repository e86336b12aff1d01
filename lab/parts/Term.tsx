/** A word of the field, explained where a pointer or the keyboard rests on it. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

const GLOSSARY = {
  collapse:
    'The end of training, and a good one: all samples of a class lie on one point, and the points form a figure that theory knows.',
  scatter: 'How far the samples of a class lie from their mean.',
  mean: 'The middle of all samples of a class, as the last layers see them.',
  arrow:
    'The classifier’s row for a class: the direction in which it looks for that class. A longer arrow looks harder.',
  decay:
    'Training pays for the size of weights (and features), so that they stay small unless they are of use. The decay is the price.',
  bias: 'A number that the last layer adds for each class, whatever the sample.',
  depth: 'How many linear layers stand between the features and the answer.',
  lost: 'A class whose arrow and mean are exactly zero: the network answers as if it did not exist.',
  weights:
    'How much a sample of each class counts in the loss: more than one of a large class, so that a small class weighs as much.',
  simplex: 'Vectors of one length, each at the same angle from every other, and that as wide as it can be.',
  crossEntropy:
    'The loss that most classifiers are trained with: it asks for probability, not for a target number.',
  descent: 'Gradient descent: step by step in the direction that lowers the objective fastest.',
  prediction: 'The lowest point of the objective, worked out on paper before any training.',
} as const;

export function Term({
  of,
  children,
}: {
  readonly of: keyof typeof GLOSSARY;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <span class="term" tabIndex={0} aria-describedby={id} onPointerEnter={keepInSight} onFocus={keepInSight}>
      {children}
      <span class="term-note" role="tooltip" id={id}>
        {GLOSSARY[of]}
      </span>
    </span>
  );
}

const MARGIN = 8;

/** Below the word and from its left, unless the window ends there. */
function keepInSight({ currentTarget }: { readonly currentTarget: HTMLElement }): void {
  const note = currentTarget.querySelector<HTMLElement>('.term-note');
  if (note === null) return;
  note.classList.remove('above');
  note.style.translate = '';
  const { bottom, right } = note.getBoundingClientRect();
  note.classList.toggle('above', bottom > innerHeight - MARGIN);
  const over = right + MARGIN - document.documentElement.clientWidth;
  if (over > 0) note.style.translate = `${-over}px`;
}
