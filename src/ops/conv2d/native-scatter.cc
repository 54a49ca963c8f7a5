// The input gradient of a convolution of few channels: each pixel of dy gives a window of sums, which are added up where windows overlap.
// Registers are filled by a window's row of pixels, where the channels of one pixel would leave most of them empty.
#include <algorithm>

#include "../../backends/tensorflow/native/memory.h"
#include "../../backends/tensorflow/native/product.h"
#include "native-convolution.h"

namespace tfjs_cnn {
namespace direct {
namespace {

struct Job {
  Convolution c;
  const float* dy;
  // [filterHeight][outChannels][tapRow]: rows of a filter, [filterWidth, inChannels], as whole ROWs.
  const float* taps;
  int64_t tapRow;
  // What windows see of a picture, with its pads.
  int64_t frameHeight, framePitch;
  float* dx;
};

template <int W, int M, int N>
TFJS_CNN_BOTH void scatter(const Job& job, const float* dy, const float* taps, float* to) {
  Sums<W, M, N> sums = {};
  addProductsOfRows(sums, dy, job.c.outChannels, taps, job.tapRow, job.c.outChannels);
  const int64_t step = job.c.strideWidth * job.c.inChannels;
#pragma GCC unroll 12
  for (int i = 0; i < M; i++) {
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) store<W>(to + i * step + n * W, load<W>(to + i * step + n * W) + sums.rows[i][n]);
  }
}

// Pixels of one row of dy; the rest of a row one by one.
template <int W, int N>
TFJS_CNN_BOTH void scatterRow(const Job& job, const float* dy, const float* taps, float* to) {
  constexpr int M = BLOCK_ROWS<W>;
  const int64_t step = job.c.strideWidth * job.c.inChannels, channels = job.c.outChannels;
  int64_t x = 0;
  for (; x + M <= job.c.outWidth; x += M) scatter<W, M, N>(job, dy + x * channels, taps, to + x * step);
  for (; x + 2 <= job.c.outWidth; x += 2) scatter<W, 2, N>(job, dy + x * channels, taps, to + x * step);
  if (x < job.c.outWidth) scatter<W, 1, N>(job, dy + x * channels, taps, to + x * step);
}

// The picture's part of a frame.
void cutOut(const Job& job, const float* frame, float* to) {
  const Convolution& c = job.c;
  const int64_t seen = (c.outWidth - 1) * c.strideWidth + c.filterWidth;
  const int64_t first = std::max<int64_t>(0, -c.padLeft), end = std::clamp<int64_t>(seen - c.padLeft, first, c.inWidth);
  for (int64_t y = 0; y < c.inHeight; y++, to += c.inWidth * c.inChannels) {
    std::fill(to, to + c.inWidth * c.inChannels, 0.0f);
    const int64_t row = y + c.padTop;
    if (row < 0 || row >= job.frameHeight) continue;
    const float* from = frame + row * job.framePitch + (first + c.padLeft) * c.inChannels;
    std::copy(from, from + (end - first) * c.inChannels, to + first * c.inChannels);
  }
}

template <int W>
TFJS_CNN_BOTH void scatterPicture(const Job& job, int64_t picture) {
  const Convolution& c = job.c;
  // Whole ROWs reach behind the last window.
  const int64_t size = job.frameHeight * job.framePitch + job.tapRow;
  float* frame = threadScratch(size);
  std::fill(frame, frame + size, 0.0f);
  const float* dy = job.dy + picture * c.outHeight * c.outWidth * c.outChannels;
  for (int64_t y = 0; y < c.outHeight; y++, dy += c.outWidth * c.outChannels) {
    for (int64_t filterRow = 0; filterRow < c.filterHeight; filterRow++) {
      float* to = frame + (y * c.strideHeight + filterRow) * job.framePitch;
      const float* taps = job.taps + filterRow * c.outChannels * job.tapRow;
      for (int64_t column = 0; column < job.tapRow; column += 2 * W) {
        if (job.tapRow - column >= 2 * W) {
          scatterRow<W, 2>(job, dy, taps + column, to + column);
        } else {
          scatterRow<W, 1>(job, dy, taps + column, to + column);
        }
      }
    }
  }
  cutOut(job, frame, job.dx + picture * c.inHeight * c.inWidth * c.inChannels);
}

TFJS_CNN_VERSIONS(scatteringPicture, scatterPicture, Job)

}  // namespace

void scatterGradient(const Convolution& c, const float* dy, const float* filter, float* dx) {
  Job job{};
  job.c = c;
  job.dy = dy;
  job.dx = dx;
  const int64_t taps = c.filterWidth * c.inChannels;
  job.tapRow = roundUp(taps, ROW);
  job.frameHeight = (c.outHeight - 1) * c.strideHeight + c.filterHeight;
  job.framePitch = ((c.outWidth - 1) * c.strideWidth + c.filterWidth) * c.inChannels;
  Workspace memory(c.filterHeight * c.outChannels * job.tapRow);
  float* to = memory.data();
  for (int64_t row = 0; row < c.filterHeight; row++) {
    for (int64_t out = 0; out < c.outChannels; out++, to += job.tapRow) {
      for (int64_t tap = 0; tap < taps; tap++) to[tap] = filter[(row * taps + tap) * c.outChannels + out];
      std::fill(to + taps, to + job.tapRow, 0.0f);
    }
  }
  job.taps = memory.data();
  forPieces(c.batch, job, scatteringPicture(lanes()));
}

}  // namespace direct
}  // namespace tfjs_cnn
