/** All controls and all numbers, in one window: cause, picture, effect from left to right. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { AngleStrip } from '../frame/AngleStrip.js';
import { FramePanel } from '../frame/FramePanel.js';
import { ClassTable } from '../prediction/ClassTable.js';
import { MatricesPanel } from '../prediction/MatricesPanel.js';
import { PhasePanel } from '../prediction/PhasePanel.js';
import { PredictionPanel } from '../prediction/PredictionPanel.js';
import { ProblemPanel } from '../problem/ProblemPanel.js';
import { SharePanel } from '../share/SharePanel.js';
import { MeasureCharts } from '../training/MeasureCharts.js';
import { TrainingPanel } from '../training/TrainingPanel.js';
import { Tabs } from '../parts/Tabs.js';

const TABS = [
  ['classes', 'Classes'],
  ['curves', 'Curves'],
  ['matrices', 'Matrices'],
  ['phase', 'Who lives'],
  ['share', 'Save'],
] as const;
type Tab = (typeof TABS)[number][0];

export function Explore(): JSX.Element {
  const tab = useSignal<Tab>('classes');
  return (
    <main class="explore">
      <h1 class="unseen">Explore</h1>
      <ProblemPanel />
      <section class="panel" id="picture" aria-label="Picture">
        <FramePanel manner="explore" />
        <AngleStrip />
      </section>
      <div class="effects">
        <PredictionPanel />
        <TrainingPanel />
        <section class="panel" aria-label="Details">
          <Tabs label="Details" tabs={TABS} chosen={tab.value} onChoose={(next) => (tab.value = next)}>
            <Shown tab={tab.value} />
          </Tabs>
        </section>
      </div>
    </main>
  );
}

function Shown({ tab }: { readonly tab: Tab }): JSX.Element {
  switch (tab) {
    case 'classes':
      return <ClassTable />;
    case 'curves':
      return <MeasureCharts />;
    case 'matrices':
      return <MatricesPanel />;
    case 'phase':
      return <PhasePanel />;
    case 'share':
      return <SharePanel />;
    default:
      return tab satisfies never;
  }
}
