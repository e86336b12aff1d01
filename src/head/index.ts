export {
  checkChain,
  createHeadChain,
  headProduct,
  rowBlock,
  rowBlocks,
  type BlockVisitor,
  type HeadChain,
} from './chain.js';
