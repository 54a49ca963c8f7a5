/** An option that is misspelt is an error that lists those there are, and what is no object of options one that says so. */
import * as augment from '../src/augment/index.js';
import * as data from '../src/data/index.js';
import { openCsv, openImageFolder, pictureFiles, readImageFolder } from '../src/data/node.js';
import { ArgumentError } from '../src/geometry.js';
import * as train from '../src/train/index.js';
import { tensorBoardLog } from '../src/train/node.js';
import { picture } from './augment-parts.js';

type Options = Record<string, unknown>;
/** A name, what it is called with, and options that it takes. */
type Case = readonly [name: string, call: (options: never) => unknown, valid: Options];

/** Options without which a transform is none. */
const needed: Record<string, Options> = {
  RandomRotation: { degrees: 10 },
  RandomResizedCrop: { size: 4 },
  Pad: { padding: 1 },
  RandomAffine: { degrees: 10 },
  Resize: { size: 4 },
  RandomCrop: { size: 4 },
  CenterCrop: { size: 4 },
  GaussianBlur: { kernelSize: 3 },
  RandomAdjustSharpness: { sharpnessFactor: 2 },
  RandomPosterize: { bits: 4 },
  RandomSolarize: { threshold: 128 },
  Cutout: { size: 2 },
  Compose: { transforms: [] },
  RandomApply: { transforms: [] },
  RandomChoice: { transforms: [new augment.RandomHorizontalFlip()] },
};

type TransformClass = augment.TransformClass & (new (options: never) => augment.Transform);

const classes = Object.values(augment).filter(
  (value) => typeof value === 'function' && typeof value.prototype?.draw === 'function' && 'className' in value,
) as unknown as TransformClass[];

const photo = picture('options', 9, 11, 3);
const corners = [
  [0, 0],
  [10, 0],
  [10, 8],
  [0, 8],
] as const;
const still = { dx: new Float32Array(99), dy: new Float32Array(99) };
const box = { top: 0, left: 0, height: 4, width: 4 };

const ofAugment: Case[] = [
  ['rotate', (options) => augment.rotate(photo, 5, options), { expand: true, fill: 1 }],
  ['affine', (options) => augment.affine(photo, options), { angle: 5, interpolation: 'nearest' }],
  ['perspective', (options) => augment.perspective(photo, corners, corners, options), { fill: 1 }],
  ['elastic', (options) => augment.elastic(photo, still, options), { fill: 1 }],
  ['pad', (options) => augment.pad(photo, 1, options), { paddingMode: 'reflect', fill: 1 }],
  ['resize', (options) => augment.resize(photo, 5, options), { interpolation: 'nearest' }],
  ['resizedCrop', (options) => augment.resizedCrop(photo, box, 5, options), { interpolation: 'nearest' }],
  ['tenCrop', (options) => augment.tenCrop(photo, 3, options), { verticalFlip: true }],
  ['mixup', augment.mixup, { alpha: 0.2 }],
  ['cutMix', augment.cutMix, { alpha: 0.2 }],
  ['labelSmoothing', augment.labelSmoothing, { epsilon: 0.2 }],
];

const ofSchedules: Case[] = [
  ['cosine', train.cosine, { tMax: 3, etaMin: 0.1, by: 'epoch' }],
  ['cosineRestarts', train.cosineRestarts, { t0: 3, tMult: 2, etaMin: 0.1, by: 'step' }],
  ['exponential', train.exponential, { gamma: 0.9, by: 'step' }],
  ['inverseTime', train.inverseTime, { decayRate: 1, by: 'step' }],
  ['linearWarmup', train.linearWarmup, { totalIters: 3, startFactor: 0.1, by: 'step' }],
  ['multiStep', train.multiStep, { milestones: [1], gamma: 0.1, by: 'step' }],
  ['oneCycle', train.oneCycle, { maxLr: 1, totalSteps: 9, by: 'step', pctStart: 0.3, divFactor: 2, finalDivFactor: 2 }],
  [
    'oneCycle',
    train.oneCycle,
    { annealStrategy: 'cos', threePhase: false, cycleMomentum: true, baseMomentum: 0.8, maxMomentum: 0.9 },
  ],
  [
    'plateau',
    train.plateau,
    { factor: 0.1, patience: 1, threshold: 0, thresholdMode: 'abs', cooldown: 1, minLr: 0, mode: 'max' },
  ],
  ['polynomial', train.polynomial, { totalIters: 3, power: 2, by: 'step' }],
  ['sequence', (options) => train.sequence([train.cosine(), train.cosine()], options), { milestones: [2], by: 'step' }],
  ['stepDecay', train.stepDecay, { stepSize: 2, gamma: 0.1, by: 'step' }],
];

const dataset = data.syntheticDigits({ train: 4, test: 0 }, 1).train;
const net: train.TrainableFunction = { apply: (x) => x, variables: [] };
const source = new data.DataLoader(dataset, { batchSize: 4 });
const files = { paths: ['a.png'], labels: Int32Array.of(0), classNames: ['a'], sourceDescription: 'a test' };
const table = { name: 'table.csv', bytes: new TextEncoder().encode('label,a\n0,1\n') };

/** Whose options are looked at before anything is done; what else they would say of these arguments is of no interest. */
const refused: Case[] = [
  ['lrFind', (options) => train.lrFind(net, source, options), {}],
  ['gridSearch', (options) => train.gridSearch({ rate: [1] }, () => 1, options), {}],
  ['randomSearch', (options) => train.randomSearch({ rate: { uniform: [0, 1] } }, () => 1, options), { trials: 1 }],
  ['crossValidate', (options) => train.crossValidate(dataset, options, () => 1), {}],
  ['sanityChecks', (options) => train.sanityChecks(net, source, options), {}],
  ['evaluate', (options) => train.evaluate(net, source, options), {}],
  ['updateBatchNormStatistics', (options) => train.updateBatchNormStatistics(net as never, source, options), {}],
  ['Ensemble', (options) => new train.Ensemble([net], options), {}],
  ['Ensemble.predict', (options) => new train.Ensemble([net]).predict(undefined as never, options), {}],
  ['tensorBoardLog', (options) => tensorBoardLog('folder', options), {}],
  ['watchLayers', (options) => train.watchLayers(options, () => undefined), {}],
  ['tensorSource', (options) => data.tensorSource(undefined as never, options), { batchSize: 1, batchesPerEpoch: 1 }],
  ['weightedSampler', (options) => data.weightedSampler([1, 2], options), { count: 1 }],
  ['balancedSampler', (options) => data.balancedSampler([0, 1], options), { count: 1 }],
  ['pictureFiles', (options) => pictureFiles(files, options), {}],
  ['openCsv', (options) => openCsv('table.csv', options), {}],
  ['readImageFolder', (options) => readImageFolder('folder', options), {}],
  ['openImageFolder', (options) => openImageFolder('folder', options), {}],
  ['parsePixelCsv', (options) => data.parsePixelCsv(table, 'a test', options), {}],
];

/** What is refused, at once or as a promise. */
async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  return 'nothing was refused';
}

const MISSPELT = 'mispelt';
const listed = (name: string) => new RegExp(`^${name}: there is no option '${MISSPELT}'; it has \\w+`);

test('of every class of transforms', () => {
  expect(classes.map(({ className }) => className)).toEqual(expect.arrayContaining(Object.keys(needed)));
  expect(classes.length).toBeGreaterThan(30);
  for (const cls of classes) {
    const valid = needed[cls.className] ?? {};
    const made = new cls(valid as never);
    // All that its JSON holds is an option.
    expect(new cls(made.getConfig() as never).getConfig()).toEqual(made.getConfig());
    expect(() => new cls({ ...valid, [MISSPELT]: 1 } as never)).toThrow(listed(cls.className));
    expect(() => new cls(null as never)).toThrow(ArgumentError);
  }
});

test.each([...ofAugment, ...ofSchedules])('of %s, which takes all of its own', async (name, call, valid) => {
  await call(valid as never);
  expect(await messageOf(() => call({ ...valid, [MISSPELT]: 1 } as never))).toMatch(listed(name));
  expect(await messageOf(() => call(null as never))).toMatch(new RegExp(`^${name}: options must be an object with \\w+`));
});

test.each(refused)('of %s', async (name, call, valid) => {
  expect(await messageOf(() => call({ ...valid, [MISSPELT]: 1 } as never))).toMatch(listed(name));
  expect(await messageOf(() => call(null as never))).toMatch(new RegExp(`^${name}: options must be an object with \\w+`));
});

test('what is no list where one is wanted', () => {
  expect(() => augment.choiceOf(null as never)).toThrow(
    'choiceOf: transforms must be a list of at least one batch transform, got null',
  );
  expect(() => train.averageCheckpoints(net, null as never)).toThrow(
    "averageCheckpoints: snapshots must be a list of checkpoints' snapshots",
  );
});
