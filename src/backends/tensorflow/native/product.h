// The innermost loops of convolutions: a block of sums of products, kept in registers.
#pragma once

#include "lanes.h"

namespace tfjs_cnn {

// Rows of a block whose sums, operands and pointers fit into the registers, with two of them a row.
template <int W>
constexpr int BLOCK_ROWS = W == 16 ? 12 : 6;

// The same for rows that lie side by side; divides ROW.
template <int W>
constexpr int BLOCK_COLUMNS = W == 16 ? 8 : 4;

template <int W, int M, int N>
struct Sums {
  Floats<W> rows[M][N];
};

template <int W, int M, int N>
TFJS_CNN_BOTH void loadSums(Sums<W, M, N>& sums, const float* from, int64_t pitch) {
#pragma GCC unroll 16
  for (int i = 0; i < M; i++) {
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) sums.rows[i][n] = load<W>(from + i * pitch + n * W);
  }
}

template <int W, int M, int N>
TFJS_CNN_BOTH void storeSums(const Sums<W, M, N>& sums, float* to, int64_t pitch) {
#pragma GCC unroll 16
  for (int i = 0; i < M; i++) {
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) store<W>(to + i * pitch + n * W, sums.rows[i][n]);
  }
}

// sums[i] += sum over j < depth of a[i * rowStep + j] * b[j * bPitch ...]. Rows are reached from every third one: that takes few
// registers for pointers.
template <int W, int M, int N>
TFJS_CNN_BOTH void addProductsOfRows(Sums<W, M, N>& sums, const float* a, int64_t rowStep, const float* b, int64_t bPitch, int64_t depth) {
  constexpr int GROUPS = (M + 2) / 3;
  const float* group[GROUPS];
#pragma GCC unroll 4
  for (int g = 0; g < GROUPS; g++) group[g] = a + 3 * g * rowStep;
  for (int64_t j = 0; j < depth; j++, b += bPitch) {
    Floats<W> right[N];
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) right[n] = load<W>(b + n * W);
#pragma GCC unroll 12
    for (int i = 0; i < M; i++) {
      const float left = group[i / 3][(i % 3) * rowStep];
#pragma GCC unroll 2
      for (int n = 0; n < N; n++) sums.rows[i][n] += left * right[n];
    }
#pragma GCC unroll 4
    for (int g = 0; g < GROUPS; g++) group[g]++;
  }
}

// sums[i] += sum over j < depth of a[i + j * aPitch] * b[j * bPitch ...].
template <int W, int M, int N>
TFJS_CNN_BOTH void addProductsOfColumns(Sums<W, M, N>& sums, const float* a, int64_t aPitch, const float* b, int64_t bPitch, int64_t depth) {
  for (int64_t j = 0; j < depth; j++, a += aPitch, b += bPitch) {
    Floats<W> right[N];
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) right[n] = load<W>(b + n * W);
#pragma GCC unroll 16
    for (int i = 0; i < M; i++) {
#pragma GCC unroll 2
      for (int n = 0; n < N; n++) sums.rows[i][n] += a[i] * right[n];
    }
  }
}

}  // namespace tfjs_cnn
