/** The lab begins. */
import '@preact/signals';
import { render } from 'preact';
import { Lab } from './page/Lab.js';
import { followComparison } from './state/measuring.js';
import { forgetCeLimits } from './state/ceLimits.js';
import { followProblem } from './state/predicted.js';
import { followAddress, goTo, state } from './state/store.js';
import { followAttention } from './state/attention.js';
import { openedFiles } from './state/openedFiles.js';
import { prefersStill } from './state/player.js';
import { followPrediction } from './state/following.js';
import { followHistory } from './state/replaying.js';
import { go } from './state/training.js';
import { showRun } from './state/showRun.js';
import { followChanges } from './state/undo.js';
import { classColorCss } from './theory/classColor.js';

const colors = document.createElement('style');
colors.textContent = classColorCss();
document.head.append(colors);

followAddress();
followChanges();
followProblem();
forgetCeLimits();
followPrediction();
followHistory();
followComparison();
followAttention(document.documentElement);

const place = document.getElementById('lab');
if (place !== null) {
  place.replaceChildren();
  render(<Lab />, place);
  const opened = openedFiles();
  if (opened.length > 0) {
    goTo('network');
    void showRun(opened);
  } else if (state.value.place === 'story' && !prefersStill()) go();
}
