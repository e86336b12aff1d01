/** Imported before the command line: when the process ends, its peak resident memory goes to file descriptor 3. */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { peakMebibytes } from './peak.js';

process.on('exit', () => {
  writeSync(3, JSON.stringify({ peakMebibytes: peakMebibytes() }));
});
