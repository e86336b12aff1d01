/** The page: the explanation, and behind it all controls and the reader's own network. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Place } from '../link/labState.js';
import { takeDrops } from '../network/dropAnywhere.js';
import { takeFiles } from '../network/NetworkPanel.js';
import { aimed } from '../state/measuring.js';
import { complaints, goTo, state } from '../state/store.js';
import { Story } from '../story/Story.js';
import { Explore } from './Explore.js';
import { Network } from './Network.js';
import { TopLine } from './TopLine.js';

export function Lab(): JSX.Element {
  const { place } = state.value;
  useEffect(
    () =>
      takeDrops({
        aim: (over) => (aimed.value = over),
        take(files) {
          goTo('network');
          takeFiles(files);
        },
      }),
    [],
  );
  return (
    <>
      <a class="skip" href="#content" onClick={toContent}>
        Skip to the content
      </a>
      <TopLine />
      <Complaints />
      <div id="content" tabIndex={-1}>
        <PlaceNow place={place} />
      </div>
      {aimed.value && (
        <p class="drop-note" aria-hidden="true">
          Let go: a file of features is measured, the records of a run are replayed.
        </p>
      )}
      <footer>
        <p>
          Theory: Dang et al.,{' '}
          <a href="https://arxiv.org/abs/2301.00437" rel="noreferrer">
            <cite>Neural Collapse in Deep Linear Networks: From Balanced to Imbalanced Data</cite>
          </a>
          , ICML 2023. Everything is computed in this page; nothing leaves the machine.
        </p>
      </footer>
    </>
  );
}

function PlaceNow({ place }: { readonly place: Place }): JSX.Element {
  switch (place) {
    case 'story':
      return <Story />;
    case 'explore':
      return <Explore />;
    case 'network':
      return <Network />;
    default:
      return place satisfies never;
  }
}

/** Not by the address, which is the state. */
function toContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Complaints(): JSX.Element | null {
  const said = complaints.value;
  if (said.length === 0) return null;
  return (
    <div class="alert" role="alert" id="complaints">
      <ul>
        {said.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <button type="button" onClick={() => (complaints.value = [])}>
        Close
      </button>
    </div>
  );
}
