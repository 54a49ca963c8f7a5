// What native updates of weights have in common: one call moves any number of weights, each with its slots and numbers.
#pragma once

#include <vector>

#include "../../backends/tensorflow/native/shared.h"

namespace tfjs_cnn {

// The most slots a step has.
constexpr int MAX_SLOTS = 3;

// What every step begins with among its numbers.
enum CommonNumber { CLIP, L1, L2, SHRINKAGE, RATE, COMMON_NUMBERS };

// One weight: value, gradient and slots, old and new (which may be the same memory), the step's numbers, and scalars that the gradient
// and the direction are multiplied by (null: 1). All on the same device.
struct Update {
  const float *value, *gradient, *slots[MAX_SLOTS];
  float *newValue, *newSlots[MAX_SLOTS];
  const float *numbers, *scale, *trust;
  int64_t size;
};

TFJS_CNN_BOTH float factorOf(const float* scalar) { return scalar ? *scalar : 1.0f; }

// The gradient of one element: clipped after `factor`, with what the penalties add. NaN stays NaN.
TFJS_CNN_BOTH float penalized(float gradient, float value, float factor, const float* numbers) {
  const float clip = numbers[CLIP];
  float g = gradient * factor;
  g = g > clip ? clip : g;
  g = g < -clip ? -clip : g;
  const float l1 = numbers[L1];
  return g + numbers[L2] * value + (value > 0.0f ? l1 : value < 0.0f ? -l1 : 0.0f);
}

TFJS_CNN_BOTH float moved(float value, float direction, const float* numbers) {
  return value - (numbers[RATE] * direction + numbers[SHRINKAGE] * value);
}

}  // namespace tfjs_cnn
