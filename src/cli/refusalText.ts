/** What the machine refused, as a user of this command line reads it. */
import { describeSystemRefusal } from '../core/systemErrors.js';

/** The line of `describeSystemRefusal`, with how a run goes on afterwards; null for any other error. */
export function refusalText(error: unknown): string | null {
  const refusal = describeSystemRefusal(error);
  return refusal === null ? null : `${refusal} (a run folder: with --resume)`;
}
