import { engine, getBackend } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../../backends/tensorflow/binding.js';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import type { WebgpuBackend } from '../../backends/webgpu/backend.js';
import type { StepPlayer } from './step-player.js';
import { TensorflowPlayer } from './tensorflow/player.js';
import { WasmPlayer } from './wasm-player.js';
import { WebgpuPlayer } from './webgpu/player.js';

const players: Readonly<Record<string, (backend: object) => StepPlayer>> = {
  'wasm-cnn': (backend) => new WasmPlayer(backend as WasmCnnBackend),
  tensorflow: (backend) => new TensorflowPlayer(backend as NodeBackend),
  webgpu: (backend) => new WebgpuPlayer(backend as WebgpuBackend),
};

/** Why no steps are recorded on the current backend; undefined where they are. */
export function whyNoPlayer(): string | undefined {
  const name = getBackend();
  if (players[name]) return undefined;
  const names = Object.keys(players).map((known) => `'${known}'`);
  return `the backend is '${name}', not ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** What records and plays steps on the current backend. */
export function newPlayer(): StepPlayer {
  return players[getBackend()]!(engine().backend);
}
