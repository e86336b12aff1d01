/** The page: cause, prediction, training from left to right; below, what goes in and out. */
import type { JSX } from 'preact';
import { Tour } from '../explain/Tour.js';
import { FramePanel } from '../frame/FramePanel.js';
import { NetworkPanel } from '../network/NetworkPanel.js';
import { MatricesPanel } from '../prediction/MatricesPanel.js';
import { PhasePanel } from '../prediction/PhasePanel.js';
import { PredictionPanel } from '../prediction/PredictionPanel.js';
import { ProblemPanel } from '../problem/ProblemPanel.js';
import { SharePanel } from '../share/SharePanel.js';
import { complaints } from '../state/store.js';
import { TrainingPanel } from '../training/TrainingPanel.js';

export function Lab(): JSX.Element {
  return (
    <>
      <a class="skip" href="#training" onClick={toTraining}>
        Skip to training
      </a>
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
          <PredictionPanel>
            <FramePanel />
          </PredictionPanel>
          <TrainingPanel />
        </div>
        <div class="below">
          <MatricesPanel />
          <PhasePanel />
          <NetworkPanel />
          <SharePanel />
        </div>
      </main>
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

/** Not by the address, which is the state. */
function toTraining(event: MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#training button')?.focus();
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
