// One step of stochastic gradient descent for one element, the same on CPU and GPU.
#pragma once

#include "../native-update.h"

namespace tfjs_cnn {

// The numbers of a weight, after those that all steps have.
enum SgdNumber { MOMENTUM = COMMON_NUMBERS, SHARE, NESTEROV, SGD_NUMBERS };

// The velocity of this step; of the gradient with its penalties.
TFJS_CNN_BOTH float sgdVelocity(float velocity, float direction, const float* numbers) {
  return numbers[MOMENTUM] * velocity + numbers[SHARE] * direction;
}

TFJS_CNN_BOTH float sgdDirection(float velocity, float direction, const float* numbers) {
  return numbers[NESTEROV] != 0.0f ? direction + numbers[MOMENTUM] * velocity : velocity;
}

#if defined(TFJS_CNN_CUDA)
void sgdOnGpu(const std::vector<Update>& updates, int slots, void* stream);
#endif

}  // namespace tfjs_cnn
