/**
 * Builds dist/ where it is not what the sources, as they are, would give: `npm run build`, and what runs before `npm start` and
 * `npm test`. To build all of it anew, remove dist/.
 */
import { fileURLToPath } from 'node:url';
import { STEPS } from './buildSteps.js';
import { bringUpToDate } from './upToDate.js';

try {
  await bringUpToDate(fileURLToPath(new URL('..', import.meta.url)), 'dist/.build.json', STEPS);
} catch (error) {
  console.error(`error: build: ${error.message}`);
  process.exitCode = 1;
}
