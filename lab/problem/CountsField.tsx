/** The class sizes as text, in the words of the command line: 200,100,50,50 or 50x4 or longtail:500:100:10. */
import { InputError } from 'collapsar/core';
import { parseCounts } from 'collapsar/model';
import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';
import { LIMITS } from '../link/labState.js';
import { changeProblem, state } from '../state/store.js';

/** With what belongs beside its name. */
export function CountsField({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const id = useId();
  const { counts } = state.value.problem;
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  useLayoutEffect(() => {
    setTyped(null);
    setWrong(null);
  }, [counts]);
  const accept = (text: string): void => {
    const parsed = read(text);
    setWrong(typeof parsed === 'string' ? parsed : null);
    if (typeof parsed !== 'string') changeProblem({ counts: parsed });
  };
  return (
    <div class="control">
      <div class="control-head">
        <label for={id}>Class sizes</label>
        {children}
      </div>
      <input
        id={id}
        class="wide"
        type="text"
        spellcheck={false}
        value={typed ?? counts.join(', ')}
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-note`}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => accept(event.currentTarget.value)}
      />
      <p
        id={`${id}-note`}
        class={wrong === null ? 'hint' : 'wrong'}
        role={wrong === null ? undefined : 'alert'}
      >
        {wrong ?? 'also 50x4, longtail:500:100:10'}
      </p>
    </div>
  );
}

function read(text: string): number[] | string {
  const [fewest, most] = LIMITS.classes;
  try {
    const counts = parseCounts(text.trim().replace(/[\s,;]+/g, ','));
    if (counts.length < fewest || counts.length > most)
      return `The lab draws ${fewest} to ${most} classes, got ${counts.length}; the command line takes more.`;
    const large = counts.find((n) => n > LIMITS.count[1]);
    if (large !== undefined)
      return `The lab takes at most ${LIMITS.count[1]} samples of a class, got ${large}.`;
    return counts;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}
