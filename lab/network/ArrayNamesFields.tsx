/** The arrays of a file by other names than the usual ones. */
import type { JSX } from 'preact';
import { arrayNames, file, measureAgain } from '../state/measuring.js';

const FIELDS = [
  ['features', 'Features', 'features'],
  ['labels', 'Labels', 'labels'],
  ['weights', 'Layers of the head, features first', 'W1, W2, …; none for no head'],
  ['bias', 'Last bias', 'b; none for no bias'],
] as const;

export function ArrayNamesFields(): JSX.Element {
  const names = arrayNames.value;
  const change = (key: (typeof FIELDS)[number][0], text: string): void => {
    const others = Object.fromEntries(Object.entries(names).filter(([other]) => other !== key));
    const name = text.trim();
    const value = key === 'weights' ? name.split(/[\s,]+/) : name;
    arrayNames.value = name === '' ? others : { ...others, [key]: value };
    if (file.value !== null) measureAgain();
  };
  return (
    <details class="explain">
      <summary>Arrays with other names</summary>
      <div class="fields">
        {FIELDS.map(([key, label, usual]) => (
          <label key={key} class="field">
            <span>{label}</span>
            <input
              type="text"
              spellcheck={false}
              placeholder={usual}
              value={[names[key] ?? ''].flat().join(', ')}
              onChange={(event) => change(key, event.currentTarget.value)}
            />
          </label>
        ))}
      </div>
    </details>
  );
}
