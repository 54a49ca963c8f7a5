// Batch normalisation for one element and one channel, forward and backward, the same on CPU and GPU.
#pragma once

#include "../../backends/tensorflow/native/shared.h"

namespace tfjs_cnn {

TFJS_CNN_BOTH float scaleOf(float gamma, float variance, float epsilon) { return gamma / std::sqrt(variance + epsilon); }

// y of x - mean.
TFJS_CNN_BOTH float normal(float centred, float scale, float offset, bool relu) {
  const float z = scale * centred + offset;
  return relu && z < 0.0f ? 0.0f : z;
}

// Numbers seen so far: how many, their mean, and their squares around it.
struct Moments {
  double count, mean, squares;
};

// Of sums of x - pivot and of its square.
TFJS_CNN_BOTH Moments around(float pivot, double count, double sum, double squares) {
  return {count, pivot + sum / count, squares - sum * sum / count};
}

// Source: Chan, Golub, LeVeque: Algorithms for computing the sample variance, 1983.
TFJS_CNN_BOTH Moments joined(const Moments& a, const Moments& b) {
  const double count = a.count + b.count;
  const double apart = b.mean - a.mean;
  return {count, a.mean + apart * (b.count / count), a.squares + b.squares + apart * apart * (a.count * (b.count / count))};
}

// One call; gamma, beta and the running statistics may be null: 1, 0, the batch's own.
struct BatchNorm {
  const float *x, *gamma, *beta, *runningMean, *runningVariance;
  float *y, *mean, *variance, *newMean, *newVariance;
  int64_t rows, channels;
  float epsilon, momentum;
  bool unbiased, relu;
};

TFJS_CNN_BOTH float followed(const float* running, int64_t c, double batch, float momentum) {
  const double share = momentum;
  return static_cast<float>(running ? (1.0 - share) * running[c] + share * batch : batch);
}

TFJS_CNN_BOTH void writeStatistics(const BatchNorm& call, int64_t c, const Moments& moments) {
  const double variance = moments.squares < 0.0 ? 0.0 : moments.squares / moments.count;
  const double others = moments.count > 1.0 ? moments.count - 1.0 : 1.0;
  call.mean[c] = static_cast<float>(moments.mean);
  call.variance[c] = static_cast<float>(variance);
  call.newMean[c] = followed(call.runningMean, c, moments.mean, call.momentum);
  const double spread = call.unbiased ? variance * (moments.count / others) : variance;
  call.newVariance[c] = followed(call.runningVariance, c, spread, call.momentum);
}

// dy before relu: 0 where y = scale (x - mean) + offset is not above 0.
TFJS_CNN_BOTH float beforeRelu(float dy, float centred, float scale, float offset) {
  return scale * centred + offset <= 0.0f ? 0.0f : dy;
}

// The scale and offset of y; without relu ones that let every dy through.
TFJS_CNN_BOTH float maskScale(float gamma, float variance, float epsilon, bool relu) {
  return relu ? scaleOf(gamma, variance, epsilon) : 0.0f;
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

// One call backwards; gamma and beta may be null: 1 and 0.
struct BatchNormGrad {
  const float *dy, *x, *mean, *variance, *gamma, *beta;
  float *dx, *dgamma, *dbeta;
  int64_t rows, channels;
  float epsilon;
  bool relu;
};

#if defined(TFJS_CNN_CUDA)
// Floats of scratch memory that a call on a GPU needs.
int64_t batchNormScratch(int64_t rows, int64_t channels);
void batchNormOnGpu(const BatchNorm& call, float* scratch, void* stream);
int64_t batchNormGradScratch(int64_t rows, int64_t channels);
void batchNormGradOnGpu(const BatchNormGrad& call, float* scratch, void* stream);
#endif

}  // namespace tfjs_cnn
