/** What is measured besides under cross-entropy on unequal counts: whether the small classes' directions merge. */
import type { MeasureDocument } from 'collapsar/verbs';
import type { JSX } from 'preact';
import { degrees } from './words.js';

const GROUPS = [
  ['minority', 'small classes (fewer samples than the average)'],
  ['majority', 'the others'],
] as const;

export function CrossEntropyTables({
  document: { minority, prediction },
}: {
  readonly document: MeasureDocument;
}): JSX.Element | null {
  if (minority === null || prediction?.problem.loss !== 'ce') return null;
  return (
    <>
      <h3>Do small classes merge?</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label="Angles among small and large classes">
        <table class="measures">
          <thead>
            <tr>
              <th scope="col" class="text">
                mean angle between two of
              </th>
              <th scope="col">rows of P</th>
              <th scope="col">class means</th>
            </tr>
          </thead>
          <tbody>
            {GROUPS.map(([group, name]) => (
              <tr key={group}>
                <th scope="row" class="text">
                  {name}
                </th>
                <td data-measure={`angle-${group}-weights`}>{degrees(minority[group].weights)}</td>
                <td data-measure={`angle-${group}-features`}>{degrees(minority[group].features)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        Minority collapse (Fang et al. 2021): where the angle among small classes goes to 0, the network no
        longer tells them from each other.
      </p>
    </>
  );
}
