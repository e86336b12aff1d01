import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Peak resident memory of this process so far, MiB. (Linux keeps the peak of the process that started this one in
 * `resourceUsage`; the status file tells of this one alone.)
 */
export function peakMebibytes() {
  try {
    const kibibytes = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    if (kibibytes > 0) return kibibytes / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
