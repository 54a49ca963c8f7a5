// What runs on both sides: arithmetic of one element, compiled by the C++ compiler for the CPU and by nvcc for the GPU.
#pragma once

#include <cmath>
#include <cstdint>

#if defined(__CUDACC__)
#define TFJS_CNN_BOTH __host__ __device__ __forceinline__
#else
#define TFJS_CNN_BOTH inline __attribute__((always_inline))
#endif

// Loops over floats in versions for several processors; the loader takes the best that runs here.
#if defined(__x86_64__) && !defined(__CUDACC__) && !defined(__clang__)
#define TFJS_CNN_WIDE __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define TFJS_CNN_WIDE
#endif

// The loop's elements do not depend on each other, also where results lie over inputs.
#if defined(__clang__)
#define TFJS_CNN_EACH _Pragma("clang loop vectorize(assume_safety)")
#else
#define TFJS_CNN_EACH _Pragma("GCC ivdep")
#endif
