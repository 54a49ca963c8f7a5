import { textTable } from '../text-table.js';
import type { LayerProfile, ModelProfile } from './profile.js';
import type { ReceptiveField } from './receptive-field.js';
import type { StepMemory } from './step-memory.js';

const NUMBERS = ['parameters', 'MMACs', 'sees', 'jump', 'memory'];
const HEADS = ['layer', 'type', 'output', ...NUMBERS];

/**
 * A profile as text, for people: a line a layer, then the sums, and the memory of a step where it was foretold.
 * 'sees' and 'jump' are the receptive field, 'memory' is the layer's output for one picture.
 */
export function formatProfile(profile: ModelProfile): string {
  const { name, inputShapes, parameters, macs, activationBytes, step, notes } = profile;
  const lines = textTable([HEADS, ...profile.layers.map(cells)], NUMBERS);
  const width = Math.max(...lines.map((line) => line.length));
  const frozen = parameters.all - parameters.trainable;
  const input = inputShapes.map(sizes).join(' and ');
  return [
    `${name}, input ${input}`,
    '',
    lines[0]!,
    '-'.repeat(width),
    ...lines.slice(1),
    '-'.repeat(width),
    `parameters   ${count(parameters.trainable)}${frozen > 0 ? ` trainable, ${count(parameters.all)} in all` : ''}`,
    `MACs         ${macs < 1e8 ? `${(macs / 1e6).toFixed(3)} M` : `${(macs / 1e9).toFixed(3)} G`} a picture`,
    `activations  ${bytes(activationBytes)} a picture, forward`,
    ...(step ? stepLines(step) : []),
    ...notes.map((note) => `note: ${note}`),
    '',
  ].join('\n');
}

function cells({ name, className, outputShape, parameters, macs, field, activationBytes }: LayerProfile): string[] {
  return [
    name,
    className.replace(/^Cnn/, ''),
    sizes(outputShape),
    parameters.all ? count(parameters.all) : '',
    macs ? (macs / 1e6).toFixed(3) : '',
    field ? side(field, 'size') : '',
    field ? side(field, 'jump') : '',
    activationBytes ? bytes(activationBytes) : '',
  ];
}

function stepLines({ batchSize, peak, ...parts }: StepMemory): string[] {
  const { weights, optimizer, input, activations, gradients, workspace } = parts;
  const all = { weights, optimizer, input, activations, gradients, workspace };
  const listed = Object.entries(all).map(([what, size]) => `${what} ${bytes(size)}`);
  return [`a step of ${count(batchSize)}  ${bytes(peak)}: ${listed.join(', ')}`];
}

/** 7, or 7x5 where height and width differ. */
function side(field: ReceptiveField, what: 'size' | 'jump'): string {
  const [height, width] = field[what].map((value) => Number(value.toFixed(1)));
  return height === width ? `${height}` : `${height}x${width}`;
}

const sizes = (shape: readonly number[]): string => shape.join(' x ');
const count = (value: number): string => value.toLocaleString('en-US');

function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
