/** The five sections, each with the stories that it shows. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { Choice } from '../parts/Choice.js';
import { Explain } from '../parts/Explain.js';
import { LogSlider } from '../parts/LogSlider.js';
import { Term } from '../parts/Term.js';
import { ClassTable } from '../prediction/ClassTable.js';
import { GramMaps } from '../prediction/GramMaps.js';
import { PhaseControl } from '../prediction/PhaseControl.js';
import { CountBars } from '../problem/CountBars.js';
import { anglesOf, rangeWords, widestAngle } from '../theory/angles.js';
import { fateOf, strandedOf } from '../theory/fate.js';
import { classLimits } from '../state/limits.js';
import { ceLimits } from '../state/ceLimits.js';
import { newest, shown } from '../state/history.js';
import { facts } from '../state/predicted.js';
import { pictured, status } from '../state/session.js';
import { changeProblem, changeTraining, leap, setStory, state } from '../state/store.js';
import { MeasureCharts } from '../training/MeasureCharts.js';
import type { ChapterId } from './chapterOf.js';
import { Section } from './Section.js';
import { TimeControl } from './TimeControl.js';
import { edgeOf, tries } from './tries.js';

export const BODIES: Readonly<Record<ChapterId, () => JSX.Element>> = {
  points: Points,
  angles: Angles,
  imbalance: Imbalance,
  lost: Lost,
  descent: Descent,
};

function Points(): JSX.Element {
  return (
    <Section
      id="points"
      title="A class becomes a point"
      words={
        <>
          All samples of a class end in one place: what made this cat differ from that cat is gone. The{' '}
          <Term of="scatter">scatter</Term> inside the classes goes on falling long after every sample is
          classified correctly.
        </>
      }
      control={<TimeControl />}
      question="Go back in time: when is every sample classified correctly, and how far have the points come by then?"
      answer={scatterNow}
      maths={
        <>
          <Explain topic="collapse" />
          <MeasureCharts />
        </>
      }
    />
  );
}

function scatterNow(): JSX.Element {
  const record = shown.value?.record;
  if (record === undefined) return <>Nothing is trained yet.</>;
  const { quotient } = record.nc1;
  return (
    <>
      At step {formatCount(record.step)} samples lie <b>{spreadWords(quotient)}</b> as far from their own mean
      as the classes lie from their common middle;{' '}
      <b>{record.accuracy === null ? '–' : `${formatNumber(100 * record.accuracy, 3)} %`}</b> are classified
      correctly.
    </>
  );
}

/** Below this it is a point to anyone. */
const LEAST_PERCENT = 1e-4;

function spreadWords(quotient: number | null): string {
  if (quotient === null) return '–';
  const percent = 100 * Math.sqrt(quotient);
  return percent < LEAST_PERCENT ? `less than ${LEAST_PERCENT} %` : `${formatNumber(percent, 2)} %`;
}

function Angles(): JSX.Element {
  const { problem } = state.value;
  const K = problem.counts.length;
  return (
    <Section
      id="angles"
      title="The points choose their angles"
      words={
        <>
          Without a <Term of="bias">bias</Term> three classes stand at right angles, like the edges that meet
          in the corner of a room. Give the last layer a bias and they lie flat in a star, as far apart as
          three can be: a <Term of="simplex">simplex</Term>.
        </>
      }
      control={
        <>
          <Choice
            label="Bias of the last layer"
            value={problem.bias}
            choices={[
              ['none', 'none: a room'],
              ['free', 'free: a star'],
            ]}
            onChange={(bias) => changeProblem({ bias })}
          />
          <Choice
            label="Classes"
            value={String(K)}
            choices={['3', '4', '6', '10'].map((n) => [n, n] as const)}
            onChange={(n) =>
              changeProblem({ counts: new Array<number>(Number(n)).fill(30), width: Number(n) })
            }
          />
        </>
      }
      question="Three can be 120° apart. How far apart can four be, or ten?"
      answer={anglesNow}
      maths={
        <>
          <Explain topic="frame" />
          <GramMaps />
          <Explain topic="gram" />
        </>
      }
    />
  );
}

function anglesNow(): JSX.Element | null {
  const known = facts.value;
  if (known === null) return null;
  const K = known.classes.length;
  const predicted = rangeWords(anglesOf(known.geometry.weights));
  const measured = rangeWords(pictured.value?.angles ?? []);
  return (
    <>
      {K} classes, {known.problem.bias === 'free' ? 'with a bias' : 'no bias'}: theory says{' '}
      <b>{predicted ?? 'none'}</b>, the training has {measured ?? 'none yet'}. {K} arrows that are all equally
      far apart can be {Number(widestAngle(K).toFixed(1))}° apart at the most.
    </>
  );
}

function Imbalance(): JSX.Element {
  return (
    <Section
      id="imbalance"
      title="Imbalance bends it"
      words={
        <>
          Give one class more samples and its <Term of="arrow">arrow</Term> in the classifier grows while its{' '}
          <Term of="mean">mean</Term> moves inwards. The right angles stay: without a bias only lengths know
          how many samples a class has.
        </>
      }
      control={<CountBars />}
      question="Which sizes make all three arrows equally long?"
      answer={lengthsNow}
      maths={
        <>
          <Explain topic="problem" />
          <ClassTable name="Class by class, of unequal classes" />
        </>
      }
    />
  );
}

function lengthsNow(): JSX.Element | null {
  const known = facts.value;
  if (known === null) return null;
  const lengths = known.classes.map(({ weightNorm }) => weightNorm);
  const [most, least] = [Math.max(...lengths), Math.min(...lengths)];
  const longest = lengths.indexOf(most);
  const shortest = lengths.indexOf(least);
  if (!(most > 0)) return <>Every class is lost at this decay.</>;
  if (most - least < 1e-9 * most)
    return <>Theory says: all arrows are equally long, {formatNumber(most, 3)}.</>;
  return (
    <>
      Theory says: the longest arrow is that of class {longest} ({formatCount(known.classes[longest].count)}{' '}
      samples); that of class {shortest} ({formatCount(known.classes[shortest].count)}) has{' '}
      <b>{formatNumber((100 * least) / most, 2)} %</b> of its length.
    </>
  );
}

function Lost(): JSX.Element {
  const { problem, story } = state.value;
  const rescue = story === 'rescue';
  return (
    <Section
      id="lost"
      title="A small class can be lost"
      words={
        <>
          An arrow costs <Term of="decay">weight decay</Term>; each sample that it classifies pays some back.
          Raise the decay and the smallest class goes first: arrow and mean shrink to zero, it is{' '}
          <Term of="lost">lost</Term>. <Term of="weights">Class weights</Term> let a sample pay more.
        </>
      }
      control={
        <>
          <Choice
            label="Story"
            value={rescue ? 'rescue' : 'lost'}
            choices={[
              ['lost', 'raise the decay'],
              ['rescue', 'class weights to the rescue'],
            ]}
            onChange={(name) => leap(() => setStory(name))}
          />
          {rescue && (
            <Choice
              label="Class weights"
              value={problem.weighting}
              choices={[
                ['none', 'none'],
                ['equal-survival', 'same limit for all'],
                ['inverse', '1 / size'],
              ]}
              onChange={(weighting) => changeProblem({ weighting })}
            />
          )}
          <LogSlider
            label="Weight decay"
            symbol={null}
            value={problem.weightDecay}
            range={[1e-4, 1]}
            limits={[]}
            onChange={(weightDecay) => changeProblem({ weightDecay })}
          />
          <PhaseControl />
        </>
      }
      question={
        rescue
          ? 'Take the weights away and give them back: what becomes of class 2?'
          : 'Drag class 2 to the right, across the line: it is lost. And when you drag it back?'
      }
      answer={fateNow}
      maths={
        <>
          <Explain topic="phase" />
          {rescue && <Explain topic="weights" />}
          <ClassTable name="Class by class, at this decay" />
        </>
      }
    />
  );
}

function fateNow(): JSX.Element | null {
  const prediction = facts.value;
  if (prediction === null) return null;
  const limits = classLimits(prediction, ceLimits.value);
  const known = limits.flatMap((limit, k) => (limit === null ? [] : [{ limit, k }]));
  const first = known.sort((a, b) => a.limit - b.limit).at(0);
  const last = known.at(-1);
  const alike = first !== undefined && last !== undefined && last.limit - first.limit < 1e-9 * last.limit;
  const ended = status.value === 'finished' ? newest.value?.more : null;
  const stranded = ended == null ? null : strandedOf(ended.classes);
  return (
    <>
      <b>{fateOf(prediction.classes)}</b>{' '}
      {first !== undefined &&
        `${alike ? 'Every class' : `Class ${first.k}`} lives below a decay of ${formatNumber(first.limit, 3)}.`}
      {stranded !== null && <> {stranded} Play again sets out anew.</>}
    </>
  );
}

function Descent(): JSX.Element {
  const { training, problem, story } = state.value;
  return (
    <Section
      id="descent"
      title="Theory knows the optimum. Does training find it?"
      words={
        <>
          Not always. So far there was one layer. With three <Term of="depth">layers</Term> zero is a resting
          point too: <Term of="descent">gradient descent</Term> that sets out close to it never leaves, though
          every class could live. And under <Term of="crossEntropy">cross-entropy</Term> the optimum is not
          always what one expects.
        </>
      }
      control={
        <>
          <Choice
            label="Story"
            value={story === 'surprise' ? 'surprise' : 'trapped'}
            choices={[
              ['trapped', 'trapped at zero'],
              ['surprise', 'cross-entropy’s surprise'],
            ]}
            onChange={(name) => leap(() => setStory(name))}
          />
          <LogSlider
            label="Size of the random weights it starts from"
            symbol={null}
            value={training.scale}
            range={[0.01, 1]}
            limits={[]}
            tried={tries.value.map(({ scale, reached }) => ({ value: scale, reached }))}
            onChange={(scale) => changeTraining({ scale })}
          />
        </>
      }
      question={
        problem.loss === 'ce'
          ? 'Four classes: do they stand as far apart as four can?'
          : 'How large must the start be, so that the classes live?'
      }
      answer={verdictNow}
      maths={
        <>
          <Explain topic="training" />
          {facts.value?.note != null && <p>{facts.value.note}</p>}
          <MeasureCharts />
        </>
      }
    />
  );
}

function verdictNow(): JSX.Element | null {
  const last = newest.value?.more ?? null;
  const note = facts.value;
  const surprise =
    note?.frame === 'orthoplex'
      ? 'The lowest point is a cross: two pairs of opposite arrows, below the simplex that one would expect. '
      : '';
  if (last === null) return <>{surprise}Not trained yet.</>;
  const ended = strandedOf(last.classes) ?? last.verdict.sentence;
  return (
    <>
      {surprise}
      {status.value === 'finished' ? ended : last.soFar}
      {status.value === 'finished' && note?.problem.loss === 'mse' && ` ${edgeWords()}`}
    </>
  );
}

/** How far to go, by what this visitor's own trainings have shown. */
function edgeWords(): string {
  const { trapped, reached } = edgeOf(tries.value);
  if (trapped === null) return reached === null ? '' : 'Go lower: where does it get trapped?';
  if (reached === null) return `A start of ${formatNumber(trapped, 3)} is trapped: try one twice as large.`;
  return `Trapped at ${formatNumber(trapped, 3)}, free at ${formatNumber(reached, 3)}: the edge is between.`;
}
