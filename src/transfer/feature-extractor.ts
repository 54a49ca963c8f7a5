/** What a net sees on its way. */
import { LayersModel, model as modelOf } from '@tensorflow/tfjs-layers';
import { refuse } from '../checks.js';
import { kindOf } from './carried-layers.js';
import { pathsNamed } from './places.js';
import { type LayerTensor, tensorsOf } from './tensors.js';

/**
 * A net that gives what some of its stages give, all in one pass, for detectors, segmentation, similarity, drawings.
 *
 *     featureExtractor(resNet18(), ['layer2', 'layer4']);  // maps of 28 x 28 x 128 and 7 x 7 x 512
 *     featureExtractor(resNet18(), [1, 2, 3, 4]);          // layer1 to layer4: the last maps of each size
 *     featureExtractor(vgg16(), ['features.16', 'classifier.3']);
 *
 * @param model  its layers are those of the result, not copies
 * @param stages names of layers or blocks; of stages, whose last layer is meant ('layer2' for 'layer2.1'); or numbers as timm's
 *   `out_indices`: of maps that layers with weights made, 0 the last of the largest size, 1 the last of half that size, and so on;
 *   negative ones count from the end. What lies inside of a block is no output of the model
 * @returns      gives a tensor for each stage, in their order; of one stage that tensor
 * @throws ArgumentError for another name, listing near ones
 * Source: torchvision's create_feature_extractor; timm's features_only.
 */
export function featureExtractor(model: LayersModel, stages: readonly (string | number)[]): LayersModel {
  if (!(model instanceof LayersModel)) refuse('featureExtractor', 'model', 'a tf.LayersModel', model);
  if (!Array.isArray(stages) || stages.length === 0) {
    refuse('featureExtractor', 'stages', "names of layers or stages, or their numbers, ['layer2', 'layer4'] say", stages);
  }
  const tensors = tensorsOf(model);
  const paths = tensors.map(({ layer }) => [layer.name]);
  const bySize = lastOfEachSize(model, tensors);
  const outputs = stages.map((stage) => {
    if (typeof stage !== 'number') return tensors[pathsNamed('featureExtractor', model, paths, stage).at(-1)!]!.tensor;
    const found = Number.isInteger(stage) ? bySize.at(stage) : undefined;
    return found?.tensor ?? refuse('featureExtractor', 'stages', `numbers below ${bySize.length}, of this model`, stage);
  });
  return modelOf({ inputs: model.inputs, outputs, name: `${model.name}_features` });
}

/** The last maps of each size, of those that layers with weights gave, the largest first; sizes are told apart by halvings. */
function lastOfEachSize(model: LayersModel, tensors: readonly LayerTensor[]): LayerTensor[] {
  const whole = model.inputs[0]!.shape[1];
  const lasts: LayerTensor[] = [];
  let halvings = 0;
  let learned = false;
  let last: LayerTensor | undefined;
  const end = () => {
    if (last && learned) lasts.push(last);
    learned = false;
  };
  for (const each of tensors) {
    const { shape } = each.tensor;
    // What is behind it is the classifier, maps or not.
    if (/^(Global|Adaptive)/.test(kindOf(each.layer))) break;
    // Padding makes maps larger for the next layer's sake.
    if (shape.length !== 4 || !whole || !shape[1] || kindOf(each.layer) === 'ZeroPadding2D') continue;
    const own = Math.round(Math.log2(whole / shape[1]));
    if (own !== halvings) end();
    halvings = own;
    learned ||= each.layer.weights.length > 0;
    last = each;
  }
  end();
  return lasts;
}
