/** The page: cause, prediction, training from left to right; below, what goes in and out. */
import type { JSX } from 'preact';
import { Tour } from '../explain/Tour.js';
import { NetworkPanel } from '../network/NetworkPanel.js';
import { PredictionPanel } from '../prediction/PredictionPanel.js';
import { ProblemPanel } from '../problem/ProblemPanel.js';
import { SharePanel } from '../share/SharePanel.js';
import { complaints } from '../state/store.js';
import { TrainingPanel } from '../training/TrainingPanel.js';

export function Lab(): JSX.Element {
  return (
    <>
      <header>
        <div>
          <h1>collapsar: the lab</h1>
          <p class="lead">
            Class sizes, depth and decay decide the shape of the last layers. Change them, see what theory
            says, and watch gradient descent follow.
          </p>
        </div>
        <Tour />
      </header>
      <main>
        <Complaints />
        <div class="columns">
          <ProblemPanel />
          <PredictionPanel />
          <TrainingPanel />
        </div>
        <div class="below">
          <NetworkPanel />
          <SharePanel />
        </div>
      </main>
      <footer>
        <p>
          Theory: Dang et al.,{' '}
          <cite>Neural Collapse in Deep Linear Networks: From Balanced to Imbalanced Data</cite>, ICML 2023.
          Everything is computed in this page; nothing leaves the machine.
        </p>
      </footer>
    </>
  );
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
