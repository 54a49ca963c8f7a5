// How kernels are launched on a GPU.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tfjs_cnn {

// Threads of a block.
constexpr int THREADS = 256;

inline int64_t blocksOf(int64_t size, int64_t perBlock) { return (size + perBlock - 1) / perBlock; }

// Blocks of a loop over `size` elements in which threads take every (blocks * THREADS)-th one.
inline unsigned loopBlocks(int64_t size) {
  const int64_t blocks = blocksOf(size, THREADS);
  return static_cast<unsigned>(blocks < 1 ? 1 : blocks > 65535 ? 65535 : blocks);
}

// @throws what the GPU said of the launch
inline void expectLaunched(const char* kernel) {
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) throw std::runtime_error(std::string(kernel) + " cannot be launched: " + cudaGetErrorString(error));
}

}  // namespace tfjs_cnn
