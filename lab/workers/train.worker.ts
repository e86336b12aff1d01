/**
 * Gradient descent beside the page, in slices of some milliseconds between which orders are heard. A picture is sent when
 * the page asked for one, and takes no more than its share of the time; a measurement at the steps of `schedule.ts`, whatever
 * it costs: the collapse is then in the record. A training ends when it has converged.
 *
 * The page asks for the next picture when it begins to draw the last one. Where there are two cores or fewer, the training
 * then rests for about as long as a drawing takes: or the page's threads, three of them, would wait for one core.
 */
import { isMeasured, stepsDue } from './schedule.js';
import type { Pace, TrainNews, TrainOrder } from './trainMessages.js';
import { createGiveWay, messageOf, workerScope } from './scope.js';
import { startTraining, type TrainingRun } from './trainingRun.js';

const SLICE_MS = 3;
const DRAWING_MS = navigator.hardwareConcurrency > 2 ? 0 : 8;
const FRAME_MS: Readonly<Record<Pace, number>> = { eye: 15, full: 45 };
/** Times its own length that training goes on between two pictures. */
const REST = 4;
const RATE_MS = 500;
/** Steps between two looks at the clock, at most. */
const MOST_BLIND = 8;
/** A page that was out of sight goes on from where it was. */
const LONGEST_S = 0.1;
/** Until steps are due again. */
const WAIT_MS = 6;

const { post, listen } = workerScope<TrainOrder, TrainNews>();
const giveWay = createGiveWay();

let run: TrainingRun | null = null;
let number = 0;
let going = false;
let wanted = false;
/** Since the page asked, it draws. */
let drawing = false;
let looping = false;
/** Steps still to take before it stands still; Infinity while it runs. */
let left = 0;
let spent = 0;
let pace: Pace = 'full';
/** Seconds that an eye has watched this training. */
let watched = 0;
let nextFrame = 0;
/** Milliseconds that a step takes, smoothed. */
let stepMs = 1;

listen((order) => {
  try {
    take(order);
  } catch (error) {
    fail(error);
  }
});

function take(order: TrainOrder): void {
  switch (order.kind) {
    case 'start':
    case 'change':
      number = order.run;
      if (order.kind === 'start') going = false;
      spent = watched = nextFrame = 0;
      stepMs = SLICE_MS;
      run = startTraining(order.run, order.facts, order.training, order.kind === 'change' ? run : null);
      show(null);
      return;
    case 'go':
      left = Infinity;
      pace = order.pace;
      start();
      return;
    case 'step':
      left = order.steps;
      pace = 'full';
      start();
      return;
    case 'pause':
      going = false;
      return;
    case 'want':
      wanted = true;
      drawing = true;
      return;
    default:
      order satisfies never;
  }
}

function start(): void {
  going = true;
  if (looping) return;
  looping = true;
  loop()
    .catch(fail)
    .finally(() => (looping = false));
}

function fail(error: unknown): void {
  going = false;
  run = null;
  post({ kind: 'failed', run: number, message: messageOf(error) });
}

async function loop(): Promise<void> {
  let window = { at: performance.now(), step: run?.trainer.step ?? 0 };
  let rate: number | null = null;
  let seen = performance.now();
  let current = run;
  while (going && run !== null) {
    const { trainer } = run;
    const began = performance.now();
    if (run !== current) {
      current = run;
      window = { at: began, step: trainer.step };
      rate = null;
    }
    watched += Math.min(LONGEST_S, (began - seen) / 1000);
    seen = began;
    const due = pace === 'eye' ? Math.max(0, stepsDue(watched) - trainer.step) : Infinity;
    const done = takeSteps(run, Math.min(left, due));
    if (done === null) {
      spent += performance.now() - began;
      end();
      return;
    }
    left -= done;
    const now = performance.now();
    spent += now - began;
    if (now - window.at > RATE_MS) {
      rate = ((trainer.step - window.step) / (now - window.at)) * 1000;
      window = { at: now, step: trainer.step };
    }
    const measurementDue = done > 0 && isMeasured(trainer.step);
    const frameDue = wanted && now >= nextFrame && (done > 0 || due > 0);
    if ((measurementDue || frameDue) && lost()) return;
    if (measurementDue) {
      post(run.measure(spent / 1000));
      if (run.settled && left > 0) {
        post(run.frame(null));
        end();
        return;
      }
    }
    if (frameDue) {
      wanted = false;
      post(run.frame(rate));
      const end = performance.now();
      nextFrame = end + Math.max(FRAME_MS[pace], REST * (end - now));
    }
    if (left <= 0) going = false;
    await giveWay();
    if (pace === 'eye' && done >= due) await rest(WAIT_MS);
    else if (drawing && DRAWING_MS > 0) await rest(DRAWING_MS);
    drawing = false;
  }
  if (run !== null && !lost()) show(null);
}

/** Up to `most` steps in a slice of time, to the next that is measured. Null: it can go no further. */
function takeSteps({ trainer }: TrainingRun, most: number): number | null {
  const began = performance.now();
  let before = began;
  let taken = 0;
  let measured = false;
  while (taken < most && before - began < SLICE_MS && !measured) {
    const blind = Math.max(
      1,
      Math.min(MOST_BLIND, most - taken, Math.floor((SLICE_MS - (before - began)) / stepMs)),
    );
    let done = 0;
    for (; done < blind && !measured; done++) {
      if (trainer.advance() !== 'running') return null;
      measured = isMeasured(trainer.step);
    }
    taken += done;
    const now = performance.now();
    stepMs += 0.2 * ((now - before) / done - stepMs);
    before = now;
  }
  return taken;
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** True where there is nothing left to measure. The trainer says so of a state one step after it. */
function lost(): boolean {
  if (run === null || Number.isFinite(run.trainer.objective())) return false;
  run.trainer.advance();
  end();
  return true;
}

/** Diverged or converged: said at once; a stable rate may take a while to find. */
function end(): void {
  if (run === null) return;
  going = false;
  const ended = run.ended();
  post(ended);
  if (ended.status === 'diverged') post({ kind: 'rate', run: number, stableRate: run.stableRate() });
}

/** A measurement and a picture of a state that stands still. */
function show(rate: number | null): void {
  if (run === null) return;
  post(run.measure(spent / 1000));
  post(run.frame(rate));
}
