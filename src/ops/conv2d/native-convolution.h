// Convolutions on the CPU: what their kernels are told.
#pragma once

#include <cstdint>

namespace tfjs_cnn {

// NHWC pictures in, filter [filterHeight, filterWidth, inChannels, outChannels], NHWC pictures out.
struct Convolution {
  int64_t batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels;
  int64_t filterHeight, filterWidth, strideHeight, strideWidth, padTop, padLeft;
};

// What follows the sums: a bias or null, and relu.
struct Finish {
  const float* bias;
  bool relu;
};

namespace winograd {
// 3x3 with stride 1 and pads of up to 2.
void forward(const Convolution& c, const float* x, const float* filter, const Finish& finish, float* y);
void gradientOfInput(const Convolution& c, const float* dy, const float* filter, float* dx);
void gradientOfFilter(const Convolution& c, const float* x, const float* dy, float* dfilter);
}  // namespace winograd

namespace direct {
void forward(const Convolution& c, const float* x, const float* filter, const Finish& finish, float* y);
void gradientOfInput(const Convolution& c, const float* dy, const float* filter, float* dx);
void gradientOfFilter(const Convolution& c, const float* x, const float* dy, float* dfilter);
// The same as gradientOfInput; faster where there are few input channels.
void scatterGradient(const Convolution& c, const float* dy, const float* filter, float* dx);
}  // namespace direct

}  // namespace tfjs_cnn
