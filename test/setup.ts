import { env } from '@tensorflow/tfjs-core';

// tfjs's own test mode: every kernel is checked for tensors it leaves behind, and the advice to install
// tfjs-node is not printed.
env().set('IS_TEST', true);
