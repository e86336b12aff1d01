/** A data set as it is written in prose, by its name in specs and records: `cifar-10` is CIFAR-10. */
import { IMAGE_KIND_NAMES, IMAGE_KINDS } from '../data/index.js';

/** A name that is no set's is returned as it is: records of other versions stay readable. */
export function titleOfSet(name: string): string {
  const kind = IMAGE_KIND_NAMES.find((each) => each === name);
  return kind === undefined ? name : IMAGE_KINDS[kind].title;
}
