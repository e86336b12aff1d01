/** The Gram matrices of prediction and measurement, in full. */
import type { JSX } from 'preact';
import { Explain } from '../parts/Explain.js';
import { GramMaps } from './GramMaps.js';

export function MatricesPanel(): JSX.Element {
  return (
    <section id="matrices" aria-labelledby="matrices-title">
      <h2 id="matrices-title">Who stands at which angle to whom</h2>
      <GramMaps />
      <Explain topic="gram" />
    </section>
  );
}
