// One step of Adam for one element, the same on CPU and GPU.
#pragma once

#include "../native-update.h"

namespace tfjs_cnn {

// The numbers of a weight, after those that all steps have: AdamGeometry's.
enum AdamNumber { MEAN_SHARE = COMMON_NUMBERS, SQUARE_SHARE, WEIGHT, BLEND, ROOT_SCALE, EPSILON, ADAM_NUMBERS };

TFJS_CNN_BOTH float adamMean(float mean, float gradient, const float* numbers) {
  return mean + numbers[MEAN_SHARE] * (gradient - mean);
}

TFJS_CNN_BOTH float adamSquare(float square, float gradient, const float* numbers) {
  return square + numbers[SQUARE_SHARE] * (gradient * gradient - square);
}

// `square` is the newest or, by amsgrad, the largest.
TFJS_CNN_BOTH float adamDirection(float mean, float square, float gradient, const float* numbers) {
  return (numbers[WEIGHT] * mean + numbers[BLEND] * gradient) / (numbers[ROOT_SCALE] * std::sqrt(square) + numbers[EPSILON]);
}

TFJS_CNN_BOTH float largerSquare(float square, float largest) { return square < largest ? largest : square; }

#if defined(TFJS_CNN_CUDA)
void adamOnGpu(const std::vector<Update>& updates, int slots, void* stream);
#endif

}  // namespace tfjs_cnn
