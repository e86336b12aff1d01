export interface Block {
  readonly language: string;
  /** What follows the language. */
  readonly info: string;
  readonly text: string;
}

export interface Command {
  /** The lines of the command as they stand in the document. */
  readonly written: string;
  /** The same as one line, without the prompt. */
  readonly line: string;
  /** What it is said to print; empty where nothing is shown. */
  readonly output: string;
}

export function blocksOf(text: string): readonly Block[];
export function consolesOf(text: string): readonly Block[];
export function filesOf(text: string): readonly (readonly [string, string])[];
export function commandsOf(block: Block): readonly Command[];
export function isShown(shown: string, printed: string): boolean;
export function refreshed(shown: string, printed: string): string;
