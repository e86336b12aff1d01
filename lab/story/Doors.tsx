/** The end of the explanation: stories to send to someone, and the two places behind it. */
import type { JSX } from 'preact';
import type { StoryName } from '../link/stories.js';
import { goTo, leap, setStory } from '../state/store.js';

const STORIES: readonly (readonly [name: StoryName, title: string, words: string])[] = [
  ['points', 'The room', 'Three classes, no bias: right angles.'],
  ['angles', 'Perfect simplex', 'Three classes, free bias: 120°.'],
  ['imbalance', 'Imbalance bends it', '90, 30 and 10 samples.'],
  ['lost', 'Lose a class', 'Raise the decay until one goes.'],
  ['rescue', 'Class weights to the rescue', 'They bring a lost class back.'],
  ['trapped', 'Trapped at zero', 'A small start, three layers.'],
  ['surprise', 'Cross-entropy’s surprise', 'Four classes in a cross.'],
];

export function Doors(): JSX.Element {
  return (
    <section class="doors" aria-labelledby="doors-title">
      <h2 id="doors-title">Stories to send on</h2>
      <ul>
        {STORIES.map(([name, title, words]) => (
          <li key={name}>
            <a
              href={`#story=${name}`}
              onClick={(event) => {
                event.preventDefault();
                leap(() => setStory(name));
              }}
            >
              {title}
            </a>{' '}
            {words}
          </li>
        ))}
      </ul>
      <h2>Go on by yourself</h2>
      <div class="door-row">
        <button type="button" class="door" onClick={() => goTo('explore')}>
          <b>Explore</b>
          <span>All controls, all numbers: sizes, layers, decays, losses, up to twenty classes.</span>
        </button>
        <button type="button" class="door" onClick={() => goTo('network')}>
          <b>Your network</b>
          <span>How collapsed is yours? Drop its features, or the folder of a run.</span>
        </button>
      </div>
    </section>
  );
}
