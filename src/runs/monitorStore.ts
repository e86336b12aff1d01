/** A monitored run as it is read, wherever it lies. */
import type { ArrayFile } from '../data/index.js';
import type { MonitoredEpoch, MonitorManifest } from './monitorText.js';

export interface MonitorStore {
  /** What messages call it. */
  readonly location: string;
  readonly manifest: MonitorManifest;
  /** Ascending. */
  readonly epochs: readonly MonitoredEpoch[];
  /** The statistics of an epoch that has a file; of the size that its line says. */
  openEpoch(epoch: { readonly file: string; readonly bytes: number | null }): Promise<ArrayFile>;
}
