/** What of a damaged file of records was read, in a sentence. */
import type { ReadRecords } from 'collapsar/runs';

/** "Read 19 of 301 records: line 20 is damaged." and why; null for a whole file. */
export function damageSentence({ records, lines, damage }: ReadRecords): string | null {
  if (damage === null) return null;
  return `Read ${records.length} of ${lines} records: line ${damage.line} is damaged. Found there: ${damage.what}.`;
}
