/** A network of the reader's own: its file is measured, the records of its run are played. */
import type { JSX } from 'preact';
import { NetworkPanel } from '../network/NetworkPanel.js';
import { ClassTable } from '../prediction/ClassTable.js';
import { comparable, status } from '../state/session.js';
import { MeasureCharts } from '../training/MeasureCharts.js';
import { ReplayPanel } from '../training/ReplayPanel.js';

export function Network(): JSX.Element {
  return (
    <main class="network">
      <NetworkPanel />
      {status.value === 'replay' && (
        <ReplayPanel>
          <MeasureCharts />
          {comparable.value && <ClassTable />}
        </ReplayPanel>
      )}
    </main>
  );
}
