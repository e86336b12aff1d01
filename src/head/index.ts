/**
 * The deep linear chain from the class side.
 *
 * @module collapsar/head
 */
export {
  checkChain,
  createHeadChain,
  headProduct,
  rowBlock,
  rowBlocks,
  type BlockVisitor,
  type HeadChain,
} from './chain.js';
