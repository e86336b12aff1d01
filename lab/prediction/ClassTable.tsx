/** Class by class: norms predicted and measured, what the class reaches of its target, and whether it lives. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { shown } from '../state/history.js';
import { comparable, measuredClasses } from '../state/session.js';
import { ceLimits } from '../state/ceLimits.js';
import { classColor } from '../theory/classColor.js';
import { looksOf } from '../theory/fate.js';
import { classLimits } from '../state/limits.js';
import { facts } from '../state/predicted.js';

/** `name`: of the region, where a page has several. */
export function ClassTable({ name = 'Class by class' }: { readonly name?: string }): JSX.Element | null {
  const known = facts.value;
  if (known === null) return null;
  // Records of another problem are no measurement of this one.
  const measured = comparable.value ? measuredClasses.value : null;
  const at = shown.value?.record.step;
  const limits = classLimits(known, ceLimits.value);
  const looks = looksOf(known.classes);
  const most = Math.max(...known.classes.map(({ weightNorm }) => weightNorm), 1e-300);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table class="classes">
        <thead>
          <tr>
            <th class="text">class</th>
            <th>n</th>
            <th class="text">regime</th>
            <th title="Length of the class's row in the classifier P = W_M … W_1">‖p‖</th>
            <th title="Length of the class mean of the features">‖h̄‖</th>
            <th title="Share of its target that the class's own output reaches, from 0 to 1">fit</th>
            <th
              class="wrap"
              title="The largest weight decay at which the class is not zero at the minimum, with λ_H as it is"
            >
              lives below λ<sub>W</sub>
            </th>
          </tr>
        </thead>
        <tbody>
          {known.classes.map((row, k) => {
            const look = looks[k];
            return (
              <tr key={k} class={look.look} data-k={k}>
                <th scope="row" class="text" style={{ color: classColor(k) }}>
                  {k}
                </th>
                <td>{formatCount(row.count)}</td>
                <td class="text regime" title={look.meaning}>
                  <span aria-hidden="true">{look.sign}</span> {look.word}
                </td>
                <td class="weight-norm">
                  <span
                    class="spark"
                    style={{ width: `${(100 * row.weightNorm) / most}%`, background: classColor(k) }}
                  />
                  <span class="theory">{formatNumber(row.weightNorm)}</span>
                  {measured !== null && <Measured value={measured[k]?.weightNorm} />}
                </td>
                <td class="feature-norm">
                  <span class="theory">{formatNumber(row.featureNorm)}</span>
                  {measured !== null && <Measured value={measured[k]?.featureNorm} />}
                </td>
                <td class="fit">
                  <span class="theory">{formatNumber(row.fit)}</span>
                  {measured !== null && <Measured value={measured[k]?.fit} />}
                </td>
                <td class="limit">{formatNumber(limits[k], 3)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <ul class="signs" aria-label="Signs">
        {[...new Set(looks)].map(({ sign, word, meaning }) => (
          <li key={word}>
            {sign} {word}: {meaning}
          </li>
        ))}
        {measured !== null && (
          <li>
            upper line: predicted; lower: measured
            {at === undefined ? '' : ` at step ${formatCount(at)}`}
          </li>
        )}
      </ul>
    </div>
  );
}

function Measured({ value }: { readonly value: number | null | undefined }): JSX.Element {
  // Next to nothing needs no digits, and would not fit.
  const digits = typeof value === 'number' && Math.abs(value) < 1e-9 ? 2 : 4;
  return <span class="measured">{formatNumber(value, digits)}</span>;
}
