/** What training needs of Node: files. */

export { jsonLinesLog } from './callbacks/json-lines-log-node.js';
export { type TensorBoardLogOptions, tensorBoardLog } from './callbacks/tensorboard-log-node.js';
export { FolderCheckpoints } from './checkpoints/folder-checkpoints-node.js';
export * from './index.js';
