/**
 * Gradient descent beside the page, in slices of some milliseconds between which orders are heard. A picture is sent when
 * the page asked for one, a measurement on a schedule of its own: dense at first, then about one a second. Neither may take
 * more than its share of the time: on a large problem both come less often.
 *
 * The page asks for the next picture when it begins to draw the last one. Where there are two cores or fewer, the training
 * then rests for about as long as a drawing takes: or the page's threads, three of them, would wait for one core.
 */
import type { TrainNews, TrainOrder } from './trainMessages.js';
import { createGiveWay, messageOf, workerScope } from './scope.js';
import { startTraining, type TrainingRun } from './trainingRun.js';

const SLICE_MS = 3;
const DRAWING_MS = navigator.hardwareConcurrency > 2 ? 0 : 8;
const MEASURE_MS = 900;
const FRAME_MS = 45;
/** Times its own length that training goes on between two measurements, and between two pictures. */
const REST = 4;
const RATE_MS = 500;
/** Steps between two looks at the clock, at most. */
const MOST_BLIND = 8;
/** Early steps at which a measurement is taken whatever the clock says. */
const EARLY = [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80, 100, 130, 170, 220, 300];

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
/** Not before these times. */
let nextMeasure = 0;
let nextFrame = 0;
/** Milliseconds that a step takes, smoothed. */
let pace = 1;

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
      number = order.run;
      going = false;
      spent = 0;
      nextMeasure = nextFrame = 0;
      pace = SLICE_MS;
      run = startTraining(order.run, order.facts, order.training);
      show(null);
      return;
    case 'go':
      left = Infinity;
      start();
      return;
    case 'step':
      left = order.steps;
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
  while (going && run !== null) {
    const { trainer } = run;
    const began = performance.now();
    let early = false;
    let before = began;
    while (left > 0 && before - began < SLICE_MS && !early) {
      const blind = Math.max(1, Math.min(MOST_BLIND, left, Math.floor((SLICE_MS - (before - began)) / pace)));
      let done = 0;
      for (; done < blind && !early; done++) {
        if (trainer.advance() !== 'running') {
          spent += performance.now() - began;
          end();
          return;
        }
        early = EARLY.includes(trainer.step);
      }
      left -= done;
      const now = performance.now();
      pace += 0.2 * ((now - before) / done - pace);
      before = now;
    }
    const now = performance.now();
    spent += now - began;
    if (now - window.at > RATE_MS) {
      rate = ((trainer.step - window.step) / (now - window.at)) * 1000;
      window = { at: now, step: trainer.step };
    }
    const measurementDue = now >= nextMeasure + (early ? -MEASURE_MS : 0);
    const frameDue = wanted && now >= nextFrame;
    if ((measurementDue || frameDue) && lost()) return;
    if (measurementDue) measure();
    if (frameDue) {
      wanted = false;
      post(run.frame(rate));
      const end = performance.now();
      nextFrame = end + Math.max(FRAME_MS, REST * (end - now));
    }
    if (left <= 0) going = false;
    await giveWay();
    if (drawing && DRAWING_MS > 0) {
      drawing = false;
      await new Promise((done) => setTimeout(done, DRAWING_MS));
    }
  }
  if (run !== null && !lost()) show(null);
}

/** True where there is nothing left to measure. The trainer says so of a state one step after it. */
function lost(): boolean {
  if (run === null || Number.isFinite(run.trainer.objective())) return false;
  run.trainer.advance();
  end();
  return true;
}

/** Diverged or done: said at once; a stable rate may take a while to find. */
function end(): void {
  if (run === null) return;
  going = false;
  const ended = run.ended();
  post(ended);
  if (ended.status === 'diverged') post({ kind: 'rate', run: number, stableRate: run.stableRate() });
}

function measure(): void {
  if (run === null) return;
  const began = performance.now();
  post(run.measure(spent / 1000));
  const end = performance.now();
  nextMeasure = end + Math.max(MEASURE_MS, REST * (end - began));
}

/** Both, for a state that stands still. */
function show(rate: number | null): void {
  measure();
  if (run !== null) post(run.frame(rate));
}
