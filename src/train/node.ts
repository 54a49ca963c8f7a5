export { FolderCheckpoints } from './checkpoints/folder-checkpoints-node.js';
export * from './index.js';
