// Floats side by side in registers, and kernels compiled for several widths of them.
#pragma once

#include <cstdint>
#include <cstring>

#include "parallel.h"
#include "shared.h"

// All functions that take registers are inlined: how they would be passed is of no concern.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace tfjs_cnn {

template <int W, typename Lane>
struct Register {
  typedef Lane Type __attribute__((vector_size(4 * W), aligned(4), may_alias));
};

template <int W>
using Floats = typename Register<W, float>::Type;

template <int W>
using Bits = typename Register<W, int32_t>::Type;

template <int W>
TFJS_CNN_BOTH Floats<W> load(const float* from) {
  return *reinterpret_cast<const Floats<W>*>(from);
}

template <int W>
TFJS_CNN_BOTH void store(float* to, const Floats<W>& values) {
  *reinterpret_cast<Floats<W>*>(to) = values;
}

// Comparisons are made of integer arithmetic, of which compilers know here already how it is done in registers of any width. A mask
// is all ones or all zeros in each lane.
template <int W>
TFJS_CNN_BOTH Bits<W> bitsOf(const Floats<W>& values) {
  return reinterpret_cast<Bits<W>>(values);
}

// Floats, zeros outside of the mask.
template <int W>
TFJS_CNN_BOTH Floats<W> masked(const Floats<W>& values, const Bits<W>& mask) {
  return reinterpret_cast<Floats<W>>(bitsOf<W>(values) & mask);
}

constexpr int32_t INFINITY_BITS = 0x7f800000, MAGNITUDE = 0x7fffffff;

// Where the sign bit is set.
template <int W>
TFJS_CNN_BOTH Bits<W> signs(const Bits<W>& bits) {
  return bits >> 31;
}

template <int W>
TFJS_CNN_BOTH Bits<W> isNan(const Floats<W>& values) {
  return signs<W>(INFINITY_BITS - (bitsOf<W>(values) & MAGNITUDE));
}

// Where the bits are the same.
template <int W>
TFJS_CNN_BOTH Bits<W> isSame(const Floats<W>& a, const Floats<W>& b) {
  const Bits<W> difference = bitsOf<W>(a) ^ bitsOf<W>(b);
  return ~signs<W>(difference | -difference);
}

// max(0, values); NaN stays NaN.
template <int W>
TFJS_CNN_BOTH Floats<W> relu(const Floats<W>& values) {
  return masked<W>(values, ~signs<W>(bitsOf<W>(values)) | isNan<W>(values));
}

// The first `count` of W floats.
template <int W>
TFJS_CNN_BOTH void storePart(float* to, const Floats<W>& values, int64_t count) {
  if (count >= W) {
    store<W>(to, values);
    return;
  }
  float all[W];
  store<W>(all, values);
  int64_t i = 0;
  if (W > 8 && count >= 8) std::memcpy(to, all, 32), i = 8;
  if (count - i >= 4) std::memcpy(to + i, all + i, 16), i += 4;
  if (count - i >= 2) std::memcpy(to + i, all + i, 8), i += 2;
  if (count > i) to[i] = all[i];
}

// The first `count` of W floats, zeros behind them.
template <int W>
TFJS_CNN_BOTH Floats<W> loadPart(const float* from, int64_t count) {
  if (count >= W) return load<W>(from);
  Floats<W> values = {};
  for (int64_t i = 0; i < count; i++) values[i] = from[i];
  return values;
}

// Rows of whole registers of any width: channels are rounded up to these.
constexpr int64_t ROW = 16;

constexpr int64_t roundUp(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

// The widest registers of this processor, in floats: 16, 8 or 4.
int lanes();
// From now on at most so many: what narrower processors run can be tested on wider ones.
void useLanes(int most);

// A version of a kernel: does one piece of a job.
template <typename Job>
using Version = void (*)(const Job&, int64_t);

// A kernel in versions for all widths: `body<W>(job, piece)`; `name(lanes())` is the one for a processor.
#if defined(__x86_64__)
#define TFJS_CNN_VERSIONS(name, body, Job)                                                          \
  __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))) void name##16(const Job& job, int64_t piece) { \
    body<16>(job, piece);                                                                           \
  }                                                                                                 \
  __attribute__((target("avx2,fma"))) void name##8(const Job& job, int64_t piece) { body<8>(job, piece); } \
  void name##4(const Job& job, int64_t piece) { body<4>(job, piece); }                              \
  Version<Job> name(int width) { return width == 16 ? name##16 : width == 8 ? name##8 : name##4; }
#else
#define TFJS_CNN_VERSIONS(name, body, Job)                             \
  void name##4(const Job& job, int64_t piece) { body<4>(job, piece); } \
  Version<Job> name(int) { return name##4; }
#endif

template <typename Job>
void forPieces(int64_t pieces, const Job& job, Version<Job> kernel) {
  parallel(pieces, [&](int64_t piece) { kernel(job, piece); });
}

}  // namespace tfjs_cnn
