/** What is shown of a network, on summaries made by hand. */
import { describe, expect, it } from 'vitest';
import { describeNetworkRun } from '../../src/cli/networkOutput.js';
import { networkRun } from '../report/sample.js';

describe('a network without a prediction', () => {
  it.each([
    [[0, 1e-3, 0], 'that of W1, W3 is 0'],
    [[1e-3, 1e-3, 1e-3], 'none can be fitted where head or class means vanish'],
  ])('says why for decays %j', (weightDecays, reason) => {
    const { summary } = networkRun();
    const problem = { ...summary.problem, weightDecays, featureDecay: null };
    const document = { ...summary, prediction: null, problem, runDirectory: 'runs/a' };
    const text = describeNetworkRun(document, 200, 'runs/a');
    expect(text).toContain('theory     none: ');
    expect(text).toContain(reason);
  });
});
