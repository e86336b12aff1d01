/** The line at the top: where one is, and the link to send. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Place } from '../link/labState.js';
import { goTo, linkOf, state } from '../state/store.js';

const PLACES: readonly (readonly [Place, string])[] = [
  ['story', 'The story'],
  ['explore', 'Explore'],
  ['network', 'Your network'],
];

export function TopLine(): JSX.Element {
  const said = useSignal('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(linkOf(state.value));
      said.value = 'Copied.';
    } catch {
      said.value = 'The browser did not allow it: copy the address of this page instead.';
    }
    setTimeout(() => (said.value = ''), 4000);
  };
  return (
    <header>
      <span class="brand">collapsar</span>
      <nav aria-label="Places">
        {PLACES.map(([place, name]) => (
          <button
            key={place}
            type="button"
            class="place"
            {...(state.value.place === place ? { 'aria-current': 'page' as const } : {})}
            onClick={() => goTo(place)}
          >
            {name}
          </button>
        ))}
      </nav>
      <span class="send">
        <output>{said.value}</output>
        <button type="button" onClick={() => void copy()}>
          Copy link
        </button>
      </span>
    </header>
  );
}
