// Softmax cross entropy of one row, the same on CPU and GPU.
#pragma once

#include "../../backends/tensorflow/native/shared.h"

namespace tfjs_cnn {

// Labels of one call: class indices, or one number a class.
struct Labels {
  const float* values;
  int64_t classes;
  bool indexed;
  float smoothing;
};

// The smoothed label of a class; NaN throughout a row whose class index does not exist.
TFJS_CNN_BOTH float labelOf(const Labels& labels, int64_t row, int64_t c) {
  const float spread = labels.smoothing / static_cast<float>(labels.classes);
  if (!labels.indexed) return (1.0f - labels.smoothing) * labels.values[row * labels.classes + c] + spread;
  const float index = labels.values[row];
  if (!(index >= 0.0f && index < static_cast<float>(labels.classes))) return NAN;
  return (1.0f - labels.smoothing) * (index == static_cast<float>(c) ? 1.0f : 0.0f) + spread;
}

// What a class adds to the row's loss; one of probability 0 that nobody wants costs nothing.
TFJS_CNN_BOTH float lossTerm(float label, float logSum, float shifted) { return label == 0.0f ? 0.0f : label * (logSum - shifted); }

TFJS_CNN_BOTH float dlogitOf(float gradient, float probability, float wanted, float label) {
  return gradient * (probability * wanted - label);
}

enum class Reduction { none, sum, mean };

// One call; weights may be null: 1.
struct SoftmaxCrossEntropy {
  const float* logits;
  Labels labels;
  const float* weights;
  float *loss, *probabilities;
  int64_t batch;
  Reduction reduction;
};

struct SoftmaxCrossEntropyGrad {
  const float* dy;
  Labels labels;
  const float* weights;
  const float* probabilities;
  float* dlogits;
  int64_t batch;
  Reduction reduction;
};

// What a row's loss is multiplied by.
TFJS_CNN_BOTH float rowShare(Reduction reduction, int64_t batch) {
  return reduction == Reduction::mean ? 1.0f / static_cast<float>(batch) : 1.0f;
}

#if defined(TFJS_CNN_CUDA)
// `scratch` holds a float a row.
void softmaxCrossEntropyOnGpu(const SoftmaxCrossEntropy& call, float* scratch, void* stream);
void softmaxCrossEntropyGradOnGpu(const SoftmaxCrossEntropyGrad& call, void* stream);
#endif

}  // namespace tfjs_cnn
