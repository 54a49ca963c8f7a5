/** Schedules against PyTorch's in float64, and what they have to keep to where they are put together. */
import { readFileSync } from 'node:fs';
import { chain } from '../src/train/schedules/chain.js';
import type { ScheduleUnit } from '../src/train/schedules/clock.js';
import { constant } from '../src/train/schedules/constant.js';
import { cosine } from '../src/train/schedules/cosine.js';
import { cosineRestarts } from '../src/train/schedules/cosine-restarts.js';
import { exponential } from '../src/train/schedules/exponential.js';
import { inverseTime } from '../src/train/schedules/inverse-time.js';
import { linearWarmup } from '../src/train/schedules/linear-warmup.js';
import { multiStep } from '../src/train/schedules/multi-step.js';
import { oneCycle } from '../src/train/schedules/one-cycle.js';
import { plateau } from '../src/train/schedules/plateau.js';
import { polynomial } from '../src/train/schedules/polynomial.js';
import type { Moment, Schedule } from '../src/train/schedules/schedule.js';
import { sequence } from '../src/train/schedules/sequence.js';
import { stepDecay } from '../src/train/schedules/step-decay.js';
import { describeIf, sharedPath } from './requires.js';

/** The moments of a training. */
function moments(epochs: number, stepsPerEpoch = 1): Moment[] {
  const steps = epochs * stepsPerEpoch;
  return Array.from({ length: steps }, (_, step) => ({ step, steps, epoch: Math.floor(step / stepsPerEpoch), epochs }));
}

function ratesOf(schedule: Schedule, over: readonly Moment[], base = 0.1): number[] {
  return over.map((moment) => schedule.learningRate(base, moment));
}

/** Learning rate after each observed result. */
function ratesAfter(schedule: Schedule, metrics: readonly number[], base = 0.1): number[] {
  const over = moments(metrics.length + 1);
  return metrics.map((metric, i) => {
    schedule.observe!(metric);
    return schedule.learningRate(base, over[i + 1]!);
  });
}

/** The file has 10 digits. */
function expectEqual(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, t) => expect(Math.abs(value - expected[t]!)).toBeLessThanOrEqual(1e-9 * Math.abs(expected[t]!) + 1e-17));
}

describeIf('golden', 'the schedules of PyTorch', () => {
  interface GoldenSchedule {
    readonly name: string;
    readonly options: Record<string, number | string | boolean | number[]>;
    readonly base: number;
    readonly lr: readonly number[];
    readonly momentum?: readonly number[];
    readonly metric: readonly number[];
    readonly lr_after: readonly number[];
  }
  const { schedules } = JSON.parse(readFileSync(sharedPath('golden/optimizers.json'), 'utf8')) as { schedules: GoldenSchedule[] };
  const camelCase = (name: string) => name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const ours = ({ options }: GoldenSchedule) =>
    Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value])) as never;
  const named = ({ name, options }: GoldenSchedule) => `${name} ${JSON.stringify(options)}`;
  const factories: Record<string, (options: { by: ScheduleUnit } & never) => Schedule> = {
    step: stepDecay,
    multiStep,
    exponential,
    cosine,
    cosineRestarts,
    linearWarmup,
    polynomial,
    oneCycle,
  };

  test('are all here', () => {
    const names = [...Object.keys(factories), 'plateau'];
    expect(schedules.length).toBe(11);
    expect(new Set(schedules.map(({ name }) => name))).toEqual(new Set(names));
  });

  for (const golden of schedules.filter(({ name }) => name !== 'plateau')) {
    test.each(['step', 'epoch'] as const)(`${named(golden)} by %s`, (by) => {
      const { name, base, lr, momentum } = golden;
      const schedule = factories[name]!(Object.assign({ by }, ours(golden)));
      // By epoch the rate stays for the 3 steps of an epoch.
      const over = by === 'step' ? moments(20) : moments(20, 3).filter((_, step) => step % 3 === 1);
      expectEqual(ratesOf(schedule, over, base), lr);
      expect(schedule.momentum === undefined).toBe(momentum === undefined);
      if (momentum) {
        const found = over.map((moment) => schedule.momentum!(moment));
        expectEqual(found, momentum);
      }
    });
  }

  test.each(schedules.filter(({ name }) => name === 'plateau').map((golden) => [named(golden), golden] as const))(
    '%s',
    (_, golden) => {
      expectEqual(ratesAfter(plateau(ours(golden)), golden.metric, golden.base), golden.lr_after);
    },
  );
});

describe('a schedule', () => {
  const over = moments(6, 4);

  test('is the same wherever a training goes on', () => {
    const make = [
      () => constant(),
      () => cosine(),
      () => oneCycle({ maxLr: 0.3 }),
      () => inverseTime({ decayRate: 0.5 }),
      () => cosineRestarts({ t0: 2, tMult: 2 }),
      () => sequence([linearWarmup(), chain(cosine(), stepDecay({ stepSize: 2 }))], { milestones: [2] }),
    ];
    for (const schedule of make) {
      const whole = ratesOf(schedule(), over);
      expect(ratesOf(schedule(), over.slice(13))).toEqual(whole.slice(13));
      expect(ratesOf(schedule(), [...over].reverse()).reverse()).toEqual(whole);
    }
  });

  test('constant, 1/t: by their formulas', () => {
    expect(ratesOf(constant(), over)).toEqual(over.map(() => 0.1));
    expect(ratesOf(inverseTime({ decayRate: 0.5 }), moments(4))).toEqual([0.1, 0.1 / 1.5, 0.1 / 2, 0.1 / 2.5]);
    expect(ratesOf(inverseTime({ decayRate: 0.5, by: 'step' }), over).at(-1)).toBe(0.1 / (1 + 0.5 * 23));
  });

  test('fills the whole training where no length is given', () => {
    expectEqual(ratesOf(cosine(), over), ratesOf(cosine({ tMax: 24, by: 'step' }), over));
    expectEqual(ratesOf(cosine({ by: 'epoch' }), over), ratesOf(cosine({ tMax: 6, by: 'epoch' }), over));
    expectEqual(ratesOf(polynomial(), over), ratesOf(polynomial({ totalIters: 24, by: 'step' }), over));
    expectEqual(ratesOf(linearWarmup(), over), ratesOf(linearWarmup({ totalIters: 24, by: 'step' }), over));
    expectEqual(ratesOf(oneCycle(), over, 0.2), ratesOf(oneCycle({ maxLr: 0.2, totalSteps: 24 }), over));
  });

  test('one-cycle without a way up, without a way down, of one step, past its end', () => {
    const last = 0.1 / 25 / 1e4;
    expect(ratesOf(oneCycle({ pctStart: 0, annealStrategy: 'linear' }), moments(4)).at(-1)).toBeCloseTo(last, 15);
    expectEqual(ratesOf(oneCycle({ pctStart: 1 }), moments(4)).slice(-1), [0.1]);
    // A way up of no length: step pctStart n - 1 = 0 is its end.
    expectEqual(ratesOf(oneCycle({ pctStart: 0.25 }), moments(4)).slice(0, 1), [0.1]);
    expectEqual(ratesOf(oneCycle(), moments(1)), [last]);
    expectEqual(ratesOf(oneCycle({ totalSteps: 2 }), moments(4)).slice(1), [last, last, last]);
    expect(oneCycle({ cycleMomentum: false }).momentum).toBeUndefined();
  });
});

describe('a sequence', () => {
  test('gives every schedule its part as the whole', () => {
    const joined = sequence([linearWarmup({ startFactor: 0.1 }), cosine()], { milestones: [2] });
    const found = ratesOf(joined, moments(5, 4));
    expectEqual(found.slice(0, 8), ratesOf(linearWarmup({ startFactor: 0.1 }), moments(2, 4)));
    expectEqual(found.slice(8), ratesOf(cosine(), moments(3, 4)));
  });

  test('counts epochs in each part from where it begins', () => {
    const joined = sequence([constant(), stepDecay({ stepSize: 1, gamma: 0.5 })], { milestones: [1] });
    expect(ratesOf(joined, moments(4, 2), 8)).toEqual([8, 8, 8, 8, 4, 4, 2, 2]);
  });

  test('begins a part within an epoch, whose end is the part first epoch ends', () => {
    const joined = sequence([constant(), stepDecay({ stepSize: 1, gamma: 0.5 })], { milestones: [3], by: 'step' });
    expect(ratesOf(joined, moments(4, 2), 8)).toEqual([8, 8, 8, 8, 4, 4, 2, 2]);
  });

  test('holds the momentum where no schedule moves it', () => {
    const joined = sequence([constant(), oneCycle(), constant()], { milestones: [1, 4] });
    const over = moments(5, 2);
    const own = moments(3, 2).map((moment) => oneCycle().momentum!(moment));
    expectEqual(
      over.map((moment) => joined.momentum!(moment)),
      [own[0]!, own[0]!, ...own, own[5]!, own[5]!],
    );
    expect(sequence([constant(), cosine()], { milestones: [1] }).momentum).toBeUndefined();
    // The way up never comes: what would be its first momentum.
    const late = sequence([constant(), oneCycle()], { milestones: [9] });
    expect(late.momentum!(over[9]!)).toBeCloseTo(0.95);
  });

  test('shows results to the schedule of the epoch only, and goes on from its state', () => {
    const make = () => sequence([constant(), plateau({ patience: 0, factor: 0.5 })], { milestones: [2] });
    const run = (schedule: Schedule, epochs: readonly Moment[]) =>
      epochs.map((moment) => {
        const rate = schedule.learningRate(8, moment);
        schedule.observe!(1);
        return rate;
      });
    const over = moments(6);
    const whole = make();
    expect(run(whole, over)).toEqual([8, 8, 8, 8, 4, 2]);
    const first = make();
    run(first, over.slice(0, 4));
    const rest = make();
    rest.restore!(JSON.parse(JSON.stringify(first.state!())) as Record<string, unknown>);
    expect(run(rest, over.slice(4))).toEqual([4, 2]);
    expect(rest.state!()).toEqual(whole.state!());
  });
});

describe('a chain', () => {
  test('multiplies what multiplies', () => {
    const over = moments(6, 4);
    const warm = linearWarmup({ totalIters: 6, by: 'step' });
    const found = ratesOf(chain(warm, cosine()), over);
    expectEqual(
      found,
      over.map((moment) => warm.learningRate(1, moment) * cosine().learningRate(0.1, moment)),
    );
    expect(chain(oneCycle(), cosine()).momentum!(over[0]!)).toBe(0.95);
    expect(chain(cosine()).momentum).toBeUndefined();
    expect(chain(cosine()).observe).toBeUndefined();
  });

  test('shows results to all, and goes on from its state', () => {
    const make = () => chain(plateau({ patience: 0, factor: 0.5 }), plateau({ patience: 1, factor: 0.1 }), constant());
    const whole = make();
    expectEqual(ratesAfter(whole, [1, 1, 1, 1], 80), [80, 40, 2, 1]);
    const rest = make();
    rest.restore!(JSON.parse(JSON.stringify(whole.state!())) as Record<string, unknown>);
    expect(ratesAfter(rest, [1, 1])).toEqual(ratesAfter(whole, [1, 1]));
  });
});

describe('a plateau', () => {
  test('of something that should grow, by absolute steps', () => {
    const options = { mode: 'max', threshold: 0.1, thresholdMode: 'abs', patience: 1, factor: 0.5 } as const;
    // 0.55 is no progress over 0.5, 0.65 is.
    expectEqual(ratesAfter(plateau(options), [0.5, 0.55, 0.65, 0.7, 0.7, 0.7], 8), [8, 8, 8, 8, 4, 4]);
  });

  test('takes what is no number for no progress', () => {
    const schedule = plateau({ patience: 1, factor: 0.5 });
    expectEqual(ratesAfter(schedule, [NaN, -Infinity, 3, NaN, Infinity], 8), [8, 4, 4, 4, 2]);
    expect(JSON.parse(JSON.stringify(schedule.state!()))).toEqual(schedule.state!());
  });

  test('leaves a rate below minLr alone', () => {
    expect(ratesAfter(plateau({ patience: 0, minLr: 1 }), [1, 1, 1], 0.5)).toEqual([0.5, 0.5, 0.5]);
  });
});

describe('misuse', () => {
  test.each([
    ['length without unit', () => cosine({ tMax: 30 }), "cosine: by must be 'step' or 'epoch', what tMax counts, got undefined"],
    ['unit', () => constantBy('minute'), 'stepDecay: by must be one of "step", "epoch", got "minute"'],
    ['tMax', () => cosine({ tMax: 0, by: 'step' }), 'cosine: tMax must be a finite number above 0, got 0'],
    ['etaMin', () => cosineRestarts({ t0: 1, etaMin: -1 }), 'cosineRestarts: etaMin must be a finite number, 0 or more, got -1'],
    ['tMult', () => cosineRestarts({ t0: 1, tMult: 1.5 }), 'cosineRestarts: tMult must be a positive integer, got 1.5'],
    ['startFactor', () => linearWarmup({ startFactor: 2 }), 'linearWarmup: startFactor must be a number in [0, 1], got 2'],
    ['power', () => polynomial({ power: NaN }), 'polynomial: power must be a finite number above 0, got NaN'],
    ['stepSize', () => stepDecay({} as never), 'stepDecay: stepSize must be a positive integer, got undefined'],
    ['gamma', () => exponential({ gamma: 0 }), 'exponential: gamma must be a finite number above 0, got 0'],
    ['decayRate', () => inverseTime({ decayRate: -1 }), 'inverseTime: decayRate must be a finite number, 0 or more, got -1'],
    ['milestones', () => multiStep({ milestones: [] }), 'multiStep: milestones must be positive integers, where the rate falls'],
    ['pctStart', () => oneCycle({ pctStart: 0.6, threePhase: true }), 'oneCycle: pctStart must be at most 0.5 with threePhase'],
    ['strategy', () => oneCycle({ annealStrategy: 'sin' as never }), 'oneCycle: annealStrategy must be one of "cos", "linear"'],
    ['factor', () => plateau({ factor: 1 }), 'plateau: factor must be a number in [0, 1), got 1'],
    ['patience', () => plateau({ patience: -1 }), 'plateau: patience must be an integer of 0 or more, got -1'],
    ['schedules', () => sequence([cosine()], { milestones: [] }), 'sequence: schedules must be a list of 2 or more schedules'],
    ['order', () => sequence([cosine(), cosine(), cosine()], { milestones: [3, 3] }), 'sequence: milestones must be ascending'],
    ['nothing', () => chain(), 'chain: schedules must be a list of 1 or more schedules, as cosine() gives them, got []'],
    ['state', () => plateau().restore!({ bad: '7' }), 'plateau: state must be {best: a number or null'],
    ['states', () => chain(plateau()).restore!({}), 'chain: state.members must be 1 states'],
    [
      'place',
      () => sequence([plateau(), plateau()], { milestones: [1] }).restore!({ current: 2 }),
      'sequence: state.current must be an integer in [0, 2), got 2',
    ],
  ])('of %s', (_, misuse, message) => {
    expect(misuse).toThrow(message);
  });

  function constantBy(by: string): Schedule {
    return stepDecay({ stepSize: 1, by: by as ScheduleUnit });
  }
});
