// Runs where the tarball is installed: LeNet-5 on wasm-cnn, its losses as one line of JSON. Ends by itself:
// idle worker threads must not keep Node alive.
import * as tf from '@tensorflow/tfjs-core';
import { leNet5, softmaxCrossEntropy } from 'tfjs-cnn';
import { lossesOfLeNet5 } from './training.mjs';

await tf.setBackend('wasm-cnn');
const losses = lossesOfLeNet5({ tf, leNet5, softmaxCrossEntropy }, 20);
console.log(JSON.stringify({ node: process.version, threads: tf.backend().runtime.threads, losses }));
