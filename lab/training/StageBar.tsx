/** Below the stage: play, pause and again; the steps that were taken as a slider; and back from a change. */
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { play, playing, stop } from '../state/player.js';
import { predicted } from '../state/predicted.js';
import * as session from '../state/session.js';
import * as conduct from '../state/training.js';
import { canUndo, undo } from '../state/undo.js';
import { MomentSlider } from './MomentSlider.js';

export function StageBar(): JSX.Element {
  return (
    <div class="stage-bar" role="group" aria-label="Training">
      <PlayButton />
      <MomentSlider meanwhile="waits" />
      <output class="stage-step">
        step <span id="step">{formatCount(session.shownStep.value)}</span>
      </output>
      <button type="button" disabled={!canUndo.value} onClick={undo} title="Take the last change back">
        Undo
      </button>
    </div>
  );
}

function PlayButton(): JSX.Element {
  const status = session.status.value;
  const { facts, stale } = predicted.value;
  const ready = facts !== null && !stale;
  if (playing.value)
    return (
      <button type="button" class="main play" onClick={stop}>
        Pause
      </button>
    );
  switch (status) {
    case 'running':
      return (
        <button type="button" class="main play" onClick={conduct.pause}>
          Pause
        </button>
      );
    case 'finished':
    case 'diverged':
    case 'failed':
      return (
        <button type="button" class="main play" disabled={!ready} onClick={conduct.restart}>
          Play again
        </button>
      );
    case 'replay':
      return (
        <button type="button" class="main play" onClick={play}>
          Play
        </button>
      );
    case 'idle':
    case 'paused':
      return (
        <button type="button" class="main play" disabled={!ready} onClick={conduct.go}>
          Play
        </button>
      );
    default:
      return status satisfies never;
  }
}
