/** One key fact: its name, its value and a remark in small print. */
import { html, type Html } from './html.js';

export function fact(name: string, value: string, remark: string | null = null): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}${remark === null ? null : html`<small>${remark}</small>`}</dd>
  </div>`;
}
