import { transformFrom } from '../../../augment/transform-registry.js';
import { BatchMaker } from '../batch-maker.js';
import { PicturePreparation } from '../picture-preparation.js';
import type { PictureReader } from '../picture-source.js';
import { handedOver } from './batch-memory.js';
import type { Answer, Job, Opening } from './messages.js';
import { portOfThread } from './port.js';

type Make = (job: Job) => Promise<Pick<Answer, 'places' | 'broken'>>;

/** Makes batches as they are asked for, one at a time. @param open gives the pictures of an origin */
export function serve(open: (origin: unknown) => PictureReader): void {
  const port = portOfThread();
  let make: Make;
  let last = Promise.resolve();
  port.listen((message) => {
    if ('job' in message) last = last.then(() => answer(message));
    else make = makerOf(message, open);
  });

  async function answer(job: Job): Promise<void> {
    const { images, bytes } = job;
    const memory = bytes ? { images, bytes } : { images };
    const result = await make(job).catch(({ message }: Error) => ({ places: job.plan.places, broken: [], error: message }));
    port.post({ job: job.job, ...memory, ...result }, handedOver(memory));
  }
}

function makerOf({ origin, transforms, normalization, size, progress }: Opening, open: (origin: unknown) => PictureReader): Make {
  let preparation: PicturePreparation;
  try {
    preparation = new PicturePreparation(transforms.map(transformFrom), normalization, size);
  } catch (error) {
    const advice = 'workers know the transforms of the package alone; with others, use workers: 0';
    return () => Promise.reject(new Error(`DataLoader: ${(error as Error).message}; ${advice}`));
  }
  const reader = open(origin);
  const maker = new BatchMaker(reader, preparation, progress && ((place) => void Atomics.store(progress, 0, place)));
  return async ({ plan, images, bytes }) => {
    const through = bytes === undefined ? undefined : new Uint8Array(bytes);
    const places = await maker.make(plan, new Float32Array(images), through);
    return { places, broken: reader.takeBroken() };
  };
}
