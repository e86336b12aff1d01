export interface Step {
  readonly name: string;
  /** Files and folders that it reads, relative to the root. */
  readonly inputs: () => readonly string[];
  /** Files and folders that it writes. */
  readonly outputs: () => readonly string[];
  /** `afresh`: what an earlier run left is not there, or not as it was. */
  readonly run: (how: { readonly afresh: boolean }) => void | Promise<void>;
}

/** What a stamp keeps of a step; `inputs` is null where its last run did not end. */
export interface Ran {
  readonly inputs: string | null;
  readonly outputs: Readonly<Record<string, string | null>>;
}

export function bringUpToDate(root: string, stampFile: string, steps: readonly Step[]): Promise<string[]>;
export function filesBelow(root: string, path: string): string[];
