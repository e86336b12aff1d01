/** The page comes to life, over what was drawn of it before. */
import '@preact/signals';
import { render } from 'preact';
import { Lab } from './page/Lab.js';
import { followAttention } from './state/attention.js';
import { forgetCeLimits } from './state/ceLimits.js';
import { followPrediction } from './state/following.js';
import { followComparison } from './state/measuring.js';
import { openedFiles } from './state/openedFiles.js';
import { prefersStill } from './state/player.js';
import { followProblem } from './state/predicted.js';
import { followHistory } from './state/replaying.js';
import { showRun } from './state/showRun.js';
import { followAddress, goTo, state } from './state/store.js';
import { go } from './state/training.js';
import { followChanges } from './state/undo.js';

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
  document.documentElement.classList.remove('elsewhere');
  document.getElementById('late')?.remove();
  const opened = openedFiles();
  if (opened.length > 0) {
    goTo('network');
    void showRun(opened);
  } else if (state.value.place === 'story' && !prefersStill()) go();
}
