/** What files that were brought are, by their names and paths alone. */
import { MONITOR_FILES } from 'collapsar/runs';

const WRITTEN: readonly string[] = Object.values(MONITOR_FILES);

interface Named {
  readonly name: string;
}

/** Whether files are of a training that the companion for PyTorch watched. */
export function isMonitored(files: readonly Named[]): boolean {
  return files.some(({ name }) => WRITTEN.includes(name));
}

/** Whether files are a run, not features: a folder of features may have other texts in it. */
export function isRun(files: readonly Named[]): boolean {
  const has = (ending: RegExp): boolean => files.some(({ name }) => ending.test(name));
  const arrays = has(/\.(npz|npy|safetensors|pt|pth)$/i);
  return has(/\.jsonl$/i) || isMonitored(files) || (has(/\.json$/i) && !arrays);
}

/** The folder of a path; empty without one. */
export function folderOf(path: string): string {
  return path.replace(/\/?[^/]*$/, '');
}

export interface MonitoredFiles<F> {
  /** What people call it. */
  readonly run: string;
  /** By their names in the run's folder. */
  readonly files: ReadonlyMap<string, F>;
}

const MISSING = `These are files of a training that the companion for PyTorch watched, without its ${MONITOR_FILES.manifest}: bring its whole folder, with the folder epochs in it.`;
const WITHOUT_EPOCHS =
  'The numbers of this training lie in its folder epochs, which is not among these files: bring its whole folder. (Before the first measured epoch there is none.)';
const EPOCH = /^\d+\.safetensors$/;

/** The one such training among files, or a sentence of why there is none. */
export function monitoredAmong<F extends Named>(
  files: readonly F[],
  pathOf: (file: F) => string,
): MonitoredFiles<F> | string {
  const folders = files
    .filter(({ name }) => name === MONITOR_FILES.manifest)
    .map((file) => folderOf(pathOf(file)));
  if (folders.length === 0) return MISSING;
  if (folders.length > 1)
    return `These are ${folders.length} trainings (${folders.slice(0, 3).join(', ')}${folders.length > 3 ? ', …' : ''}): bring the folder of one.`;
  const [folder] = folders;
  if (!files.some(({ name }) => EPOCH.test(name))) return WITHOUT_EPOCHS;
  // Files that were chosen one by one lie nowhere: their names say what they are.
  const inside = files.filter((file) => folder === '' || pathOf(file).startsWith(`${folder}/`));
  return {
    run: folder === '' ? 'run' : folder.replace(/^.*\//, ''),
    files: new Map(inside.map((file) => [EPOCH.test(file.name) ? `epochs/${file.name}` : file.name, file])),
  };
}
