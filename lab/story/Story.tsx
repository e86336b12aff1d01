/** The explanation: a sentence and the phenomenon, then five sections that scroll beside it, and the way on. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Term } from '../parts/Term.js';
import { CHAPTERS } from './chapterOf.js';
import { BODIES } from './chapters.js';
import { Doors } from './Doors.js';
import { followScrolling } from './scrolling.js';
import { Stage } from './Stage.js';
import { followTries } from './tries.js';

export function Story(): JSX.Element {
  useEffect(followScrolling, []);
  useEffect(followTries, []);
  return (
    <main class="story">
      <div class="story-stage">
        <Stage />
      </div>
      <div class="story-text">
        <section class="opening" id="opening" aria-labelledby="title">
          <h1 id="title">Train long enough, and every class shrinks to a point</h1>
          <p>
            Each dot is one sample, as the last layers of a network see it; its colour is its class. Training
            pulls the dots of a class together and drives the classes apart, until they stand in a figure that{' '}
            <Term of="prediction">theory knows beforehand</Term> (pale).
          </p>
          <p>
            This is <Term of="collapse">neural collapse</Term>. It happens at the end of training in networks
            of every size; here, in the simplest model that has it, you can watch it and change it.
          </p>
          <p class="on">
            <a href="#points" onClick={toFirst}>
              See it step by step ↓
            </a>
          </p>
        </section>
        {CHAPTERS.map(({ id }) => {
          const Body = BODIES[id];
          return <Body key={id} />;
        })}
        <Doors />
      </div>
    </main>
  );
}

/** Not by the address, which is the state. */
function toFirst(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('points')?.scrollIntoView({ block: 'start', behavior: 'smooth' });
}
