// The end of a residual block for one element, the same on CPU and GPU.
#pragma once

#include "../../backends/tensorflow/native/shared.h"

namespace tfjs_cnn {

// max(a + b, 0); NaN stays NaN.
TFJS_CNN_BOTH float addReluOf(float a, float b) {
  const float sum = a + b;
  return sum < 0.0f ? 0.0f : sum;
}

// The gradient of both terms.
TFJS_CNN_BOTH float addReluGradOf(float dy, float y) { return y > 0.0f ? dy : 0.0f; }

#if defined(TFJS_CNN_CUDA)
void addReluOnGpu(const float* a, const float* b, float* y, int64_t size, void* stream);
void addReluGradOnGpu(const float* dy, const float* y, float* dz, int64_t size, void* stream);
#endif

}  // namespace tfjs_cnn
