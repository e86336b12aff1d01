/** The lab begins. */
import '@preact/signals';
import { render } from 'preact';
import { Lab } from './page/Lab.js';
import { followComparison } from './network/measuring.js';
import { forgetCeLimits } from './prediction/ceLimits.js';
import { followProblem } from './prediction/predicted.js';
import { followAddress } from './state/store.js';
import { followHistory, followPrediction } from './training/session.js';

followAddress();
followProblem();
forgetCeLimits();
followPrediction();
followHistory();
followComparison();

const place = document.getElementById('lab');
if (place !== null) {
  place.replaceChildren();
  render(<Lab />, place);
}
