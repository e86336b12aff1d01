/** The lab begins. */
import '@preact/signals';
import { render } from 'preact';
import { Lab } from './page/Lab.js';
import { followComparison } from './state/measuring.js';
import { forgetCeLimits } from './state/ceLimits.js';
import { followProblem } from './state/predicted.js';
import { followAddress } from './state/store.js';
import { followHistory, followPrediction } from './state/session.js';

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
