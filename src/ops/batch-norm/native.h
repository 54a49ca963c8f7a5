// Batch normalisation's backward pass for one element, the same on CPU and GPU.
#pragma once

#include "../../backends/tensorflow/native/shared.h"

namespace tfjs_cnn {

// dy before relu: 0 where y = scale (x - mean) + offset is not above 0.
TFJS_CNN_BOTH float beforeRelu(float dy, float centred, float scale, float offset) {
  return scale * centred + offset <= 0.0f ? 0.0f : dy;
}

// The scale and offset of y; without relu ones that let every dy through.
TFJS_CNN_BOTH float maskScale(float gamma, float variance, float epsilon, bool relu) {
  return relu ? gamma / std::sqrt(variance + epsilon) : 0.0f;
}

TFJS_CNN_BOTH float maskOffset(float beta, bool relu) { return relu ? beta : INFINITY; }

// What the gradient of a channel's x follows from: dx = scale (dz - meanDz - slope (x - mean)).
struct ChannelGradient {
  float scale, meanDz, slope, dgamma, dbeta;
};

// Of the sums of dz and of dz (x - mean) over the channel's rows.
TFJS_CNN_BOTH ChannelGradient channelGradient(double sum, double weighted, float gamma, float variance, float epsilon, double rows) {
  const double power = static_cast<double>(variance) + epsilon;
  const double deviation = std::sqrt(power);
  return {static_cast<float>(gamma / deviation), static_cast<float>(sum / rows), static_cast<float>(weighted / power / rows),
          static_cast<float>(weighted / deviation), static_cast<float>(sum)};
}

TFJS_CNN_BOTH float dxOf(float dz, float centred, float scale, float meanDz, float slope) {
  return scale * (dz - meanDz - slope * centred);
}

// One call; gamma and beta may be null: 1 and 0.
struct BatchNormGrad {
  const float *dy, *x, *mean, *variance, *gamma, *beta;
  float *dx, *dgamma, *dbeta;
  int64_t rows, channels;
  float epsilon;
  bool relu;
};

#if defined(TFJS_CNN_CUDA)
// Floats of scratch memory that a call on a GPU needs.
int64_t batchNormGradScratch(int64_t rows, int64_t channels);
void batchNormGradOnGpu(const BatchNormGrad& call, float* scratch, void* stream);
#endif

}  // namespace tfjs_cnn
