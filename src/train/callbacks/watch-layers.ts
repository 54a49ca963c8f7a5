import { LayersModel } from '@tensorflow/tfjs-layers';
import { onlyKnown, positiveInteger, refuse } from '../../checks.js';
import type { TrainingBatch } from '../../data/batch-source.js';
import { type DeadRelus, deadRelus } from '../../inspect/metrics/dead-relus.js';
import { type GradientNorm, gradientNorms } from '../../inspect/metrics/gradient-norms.js';
import { type UpdateRatio, type WeightWatch, watchWeights } from '../../inspect/metrics/update-ratios.js';
import type { TrainerCallback } from './callback.js';

/** How the layers of a model are doing in a training. */
export interface LayerReport {
  /** Steps done. */
  readonly step: number;
  /** Of this step. */
  readonly updateRatios: readonly UpdateRatio[];
  /** For the batch that was given, after this step. */
  readonly gradientNorms: readonly GradientNorm[];
  /** For the same batch. */
  readonly deadRelus: readonly DeadRelus[];
}

/** Options of watchLayers. */
export interface WatchLayersOptions {
  /** Steps between two reports; default 100. Each costs about as much as two steps more. */
  readonly every?: number;
  /** Whose gradients and relus are looked at: some hundred pictures. */
  readonly batch: TrainingBatch;
}

/**
 * Every so many steps, tells how far each layer moves, how large its gradients are and how many of its relus are dead. Training goes on as
 * if nobody had looked. On backends that tell steps later (webgl, webgpu) an update may be that of several steps, or of none.
 *
 * @param onReport is given each report; a promise is waited for
 * @throws ArgumentError in training, for a net that is no model of layers
 */
export function watchLayers(
  options: WatchLayersOptions,
  onReport: (report: LayerReport) => void | Promise<void>,
): TrainerCallback {
  const { every = 100, batch } = onlyKnown('watchLayers', options, ['every', 'batch']);
  positiveInteger('watchLayers', 'every', every);
  let net: LayersModel;
  let watch: WeightWatch | undefined;
  const forget = () => {
    watch?.dispose();
    watch = undefined;
  };
  return {
    onBegin({ model, step }) {
      if (!(model instanceof LayersModel)) refuse('watchLayers', 'the net', 'a model of layers', model);
      net = model;
      if ((step + 1) % every === 0) watch = watchWeights(net);
    },
    async onStep({ step }) {
      if (watch) {
        const ratios = await watch.ratios();
        const [norms, dead] = [await gradientNorms(net, batch), await deadRelus(net, batch)];
        await onReport({ step, updateRatios: ratios, gradientNorms: norms, deadRelus: dead });
      }
      forget();
      if ((step + 1) % every === 0) watch = watchWeights(net);
    },
    onEnd: forget,
  };
}
