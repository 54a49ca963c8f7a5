/** What becomes of a training whose device fails, without one: who waits, what is thrown, what it says. */
import * as tf from '@tensorflow/tfjs-core';
import { DeviceWatch, watchDevice } from '../src/backends/device-watch.js';
import { launching, whileLaunching } from '../src/backends/launching.js';
import { OutOfMemoryError, zeroPad2d } from '../src/index.js';
import { explained } from '../src/train/device-errors.js';
import { DeviceLostError } from '../src/train/index.js';

const lost = { kind: 'lost', message: 'its device is lost' } as const;

describe('a watched device', () => {
  test('lets nobody wait who waits for what is lost', async () => {
    const watch = new DeviceWatch();
    const never = watch.during(new Promise<number>(() => undefined));
    expect(watch.failure).toBeUndefined();
    watch.note(lost);
    await expect(never).rejects.toThrow('its device is lost');
    await expect(watch.during(Promise.resolve(1))).rejects.toThrow('its device is lost');
  });

  test('gives results, and the errors of work, as they are', async () => {
    const watch = new DeviceWatch();
    await expect(watch.during(Promise.resolve(7))).resolves.toBe(7);
    await expect(watch.during(Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
  });

  test('keeps the first failure, which explains the others', async () => {
    const watch = new DeviceWatch();
    watch.note({ kind: 'memory', message: 'first' });
    watch.note(lost);
    expect(watch.failure).toEqual({ kind: 'memory', message: 'first' });
    expect(await watch.settled()).toEqual({ kind: 'memory', message: 'first' });
  });

  test('is asked where it does not tell, and stays lost when it comes back empty', () => {
    let there = false;
    const watch = new DeviceWatch(() => (there ? undefined : lost));
    expect(watch.failure).toBe(lost);
    there = true;
    expect(watch.failure).toBe(lost);
  });

  test('is none on backends that fail where they are called', async () => {
    await tf.setBackend('cpu');
    expect(watchDevice().failure).toBeUndefined();
    await expect(watchDevice().during(Promise.resolve(1))).resolves.toBe(1);
  });
});

describe('the error that ends a training', () => {
  const cause = new Error('of the step');

  test('is what was thrown, where the device is sound', () => {
    expect(explained(cause, undefined, 3, 'a checkpoint')).toBe(cause);
  });

  test('says that the device is gone, after which step, and how to go on', () => {
    const error = explained(cause, lost, 3, 'checkpoint-000001-step-000000002') as DeviceLostError;
    expect(error).toBeInstanceOf(DeviceLostError);
    expect(error).toMatchObject({ step: 3, reason: lost.message, checkpoint: 'checkpoint-000001-step-000000002', cause });
    expect(error.message).toMatch(
      /its device is lost, after 3 good steps; the last good checkpoint is checkpoint-000001-step-000000002: tf\.setBackend/,
    );
    expect((explained(cause, lost, 3, undefined) as Error).message).toMatch(
      /no checkpoint to go on from: the option checkpoints/,
    );
  });

  test('says what a device refused', () => {
    const refused = { kind: 'refused', message: 'Invalid ShaderModule' } as const;
    expect(explained(cause, refused, 3, undefined)).toMatchObject({
      name: 'DeviceLostError',
      reason: 'its device refused work: Invalid ShaderModule',
    });
  });

  test('tells of memory with the step and the checkpoint', () => {
    const full = explained(cause, { kind: 'memory', message: 'no buffer' }, 3, 'the last') as Error;
    expect(full).toBeInstanceOf(OutOfMemoryError);
    expect(full.message).toMatch(
      /out of memory: no buffer, after 3 good steps; the last good checkpoint is the last; smaller batches/,
    );
    const thrown = new OutOfMemoryError('CnnConv2D of x [1,2]');
    expect((explained(thrown, undefined, 0, undefined) as Error).message).toMatch(
      /^CnnConv2D of x \[1,2\], after 0 good steps; smaller/,
    );
  });
});

describe('a kernel that finds no memory', () => {
  test('is named with its sizes', async () => {
    await tf.setBackend('cpu');
    const x = tf.zeros<tf.Rank.R4>([1, 1, 1, 1]);
    const padding = () => zeroPad2d(x, 2 ** 20);
    expect(padding).toThrow(OutOfMemoryError);
    expect(padding).toThrow(/^cpu: no memory for CnnZeroPad2d of x \[1,1,1,1\] \(.*\); use a smaller batch$/i);
    expect(launching()).toBeUndefined();
  });

  test('is named once; other errors stay what they are', () => {
    const thrownIn = (error: Error) => {
      try {
        return whileLaunching('CnnConv2D', {}, () => {
          throw error;
        });
      } catch (found) {
        return found;
      }
    };
    const named = new OutOfMemoryError('no memory for CnnConv2D of x [4]');
    expect(thrownIn(named)).toBe(named);
    const other = new Error('wrong shape');
    expect(thrownIn(other)).toBe(other);
    expect(thrownIn(new OutOfMemoryError('a tensor of 5 bytes'))).toMatchObject({
      message: expect.stringContaining('CnnConv2D'),
    });
  });
});
