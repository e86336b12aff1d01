/**
 * What theory compared: the known solutions with their objectives, what they mean for the literature, the certificate, and for
 * cross-entropy on unequal counts the SELI frame and the angles among small classes.
 */
import type { RunSummary } from '../../runs/records.js';
import { finite } from '../format.js';
import { html, type Html } from './html.js';
import { numberCell, tableBox } from './table.js';

/** Null where there is nothing beyond the prediction itself. */
export function solutionsSection({
  prediction,
  problem,
  seli,
  minority,
  objective,
}: RunSummary): Html | null {
  if (problem.loss !== 'ce' || prediction === null) return null;
  const lowest = prediction.objective;
  const rows = [
    ...prediction.alternatives,
    ...(finite(objective) === null ? [] : [{ name: 'this run', objective: objective ?? NaN }]),
  ].sort((a, b) => a.objective - b.objective);
  const { certificate, note, optimality } = prediction;
  return html`<section aria-labelledby="solutions">
    <h2 id="solutions">Known solutions</h2>
    ${note === null ? null : html`<p>${note}</p>`}
    ${
      certificate === null
        ? html`<p>No certificate is known for this problem: the lowest value is the best known one.</p>`
        : html`<p>
            ${
              optimality === 'global'
                ? html`A lower bound of ${numberCell(certificate.lowerBound)} certifies the prediction:
                  relative gap ${numberCell(certificate.relativeGap)}.`
                : html`The minimum is at least ${numberCell(certificate.lowerBound)}, a rigorous lower bound.
                  It does not certify the prediction, which is the best known value: the relative gap between
                  them is ${numberCell(certificate.relativeGap)}.`
            }
          </p>`
    }
    ${tableBox({
      id: 'solution-table',
      caption: 'Objectives of the solutions that theory compares, and of this run.',
      head: html`<tr>
        <th scope="col" class="text">solution</th>
        <th scope="col">objective</th>
        <th scope="col">above the prediction</th>
      </tr>`,
      body: rows.map(
        (solution) =>
          html`<tr>
            <th scope="row">${solution.name}</th>
            <td>${numberCell(solution.objective)}</td>
            <td>${numberCell(solution.objective - lowest)}</td>
          </tr>`,
      ),
    })}
    ${
      seli === null && minority === null
        ? null
        : tableBox({
            id: 'imbalance-table',
            caption:
              'Unequal counts: distances from the frame that this loss and bias tend to as λ → 0 (SELI, Thrampoulidis et al. 2022), and mean angles in degrees among the classes below the average size and among the others (Fang et al. 2021).',
            head: html`<tr>
              <th scope="col" class="text">measure</th>
              <th scope="col">rows PPᵀ</th>
              <th scope="col">means H̄ᵀH̄</th>
            </tr>`,
            body: [
              ...(seli === null ? [] : [['distance from SELI', seli.weights, seli.features] as const]),
              ...(minority === null
                ? []
                : [
                    [
                      'angle among small classes',
                      minority.minority.weights,
                      minority.minority.features,
                    ] as const,
                    [
                      'angle among the others',
                      minority.majority.weights,
                      minority.majority.features,
                    ] as const,
                  ]),
            ].map(
              ([name, weights, features]) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  <td>${numberCell(weights)}</td>
                  <td>${numberCell(features)}</td>
                </tr>`,
            ),
          })
    }
  </section>`;
}
