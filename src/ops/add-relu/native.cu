// The end of a residual block on a GPU: one thread takes every n-th element.
#include "../../backends/tensorflow/native/launch.cuh"
#include "native.h"

namespace tfjs_cnn {
namespace {

__global__ void addRelu(const float* a, const float* b, float* y, int64_t size) {
  for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < size; i += gridDim.x * blockDim.x) {
    y[i] = addReluOf(a[i], b[i]);
  }
}

__global__ void addReluGrad(const float* dy, const float* y, float* dz, int64_t size) {
  for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < size; i += gridDim.x * blockDim.x) {
    dz[i] = addReluGradOf(dy[i], y[i]);
  }
}

}  // namespace

void addReluOnGpu(const float* a, const float* b, float* y, int64_t size, void* stream) {
  addRelu<<<loopBlocks(size), THREADS, 0, static_cast<cudaStream_t>(stream)>>>(a, b, y, size);
  expectLaunched("addRelu");
}

void addReluGradOnGpu(const float* dy, const float* y, float* dz, int64_t size, void* stream) {
  addReluGrad<<<loopBlocks(size), THREADS, 0, static_cast<cudaStream_t>(stream)>>>(dy, y, dz, size);
  expectLaunched("addReluGrad");
}

}  // namespace tfjs_cnn
