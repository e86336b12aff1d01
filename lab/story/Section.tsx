/** One section: two sentences, one control, one question whose answer shows itself, and the mathematics for who wants it. */
import type { ComponentChildren, JSX } from 'preact';

interface Props {
  readonly id: string;
  readonly title: string;
  readonly words: ComponentChildren;
  readonly control: JSX.Element;
  readonly question: string;
  readonly answer: ComponentChildren;
  readonly maths: ComponentChildren;
}

export function Section({ id, title, words, control, question, answer, maths }: Props): JSX.Element {
  return (
    <section class="chapter" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p class="chapter-words">{words}</p>
      <div class="lit">{control}</div>
      <p class="question">{question}</p>
      <p class="answer">{answer}</p>
      <details class="maths">
        <summary>Show the maths</summary>
        {maths}
      </details>
    </section>
  );
}
