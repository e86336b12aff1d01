/** One section: two sentences, one control, one question whose answer shows itself, and the mathematics for who wants it. */
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { enter, onStage, type ChapterId } from './chapterOf.js';

interface Props {
  readonly id: ChapterId;
  readonly title: string;
  readonly words: ComponentChildren;
  readonly control: JSX.Element;
  readonly question: string;
  /** Of what is on stage: called while the section's own story is. */
  readonly answer: () => ComponentChildren;
  readonly maths: ComponentChildren;
}

export function Section({ id, title, words, control, question, answer, maths }: Props): JSX.Element {
  const comeOnStage = (): void => enter(id);
  return (
    <section class="chapter" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p class="chapter-words">{words}</p>
      <div class="lit" onPointerDownCapture={comeOnStage} onFocusCapture={comeOnStage}>
        {control}
      </div>
      <p class="question">{question}</p>
      <Answer id={id} answer={answer} />
      <details class="maths">
        <summary>Show the maths</summary>
        {maths}
      </details>
    </section>
  );
}

/** While another section's experiment is on stage, the answer stays as it was: that experiment says nothing of this one. */
function Answer({ id, answer }: Pick<Props, 'id' | 'answer'>): JSX.Element {
  const last = useRef<ComponentChildren>(null);
  if (onStage.value === id) last.current = answer();
  return <p class="answer">{last.current ?? 'The answer shows itself when this experiment is on stage.'}</p>;
}
