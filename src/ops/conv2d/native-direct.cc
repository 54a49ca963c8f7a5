// Convolution as it is defined, and its input gradient: products of a window's rows, which lie together, and panels of the filter.
#include <algorithm>

#include "../../backends/tensorflow/native/memory.h"
#include "../../backends/tensorflow/native/product.h"
#include "native-convolution.h"
#include "native-frame.h"

namespace tfjs_cnn {
namespace direct {
namespace {

struct Job {
  int64_t batch;
  View from;
  int64_t filterHeight, filterWidth, strideHeight, strideWidth;
  // Panels of 2 * width columns, in each the taps of all rows and channels; outChannels as whole ROWs.
  const float* panels;
  int64_t outHeight, outWidth, outChannels, toRow;
  // Where outputs go: they may be every second pixel of every second row.
  float* to;
  int64_t pictureStep, rowStep, pixelStep;
  Finish finish;
  int64_t rowsOfAPiece, piecesOfAPicture;
};

// Floats of x that one piece of the work copies at least, unless its picture has less.
constexpr int64_t GRAIN = 1 << 13;

template <int W, int M, int N>
TFJS_CNN_BOTH void outputs(const Job& job, const float* window, int64_t pitch, const float* panel, int64_t column, float* to) {
  const int64_t step = job.strideWidth * job.from.channels, depth = job.filterWidth * job.from.channels;
  Sums<W, M, N> sums = {};
  for (int64_t y = 0; y < job.filterHeight; y++) {
    addProductsOfRows(sums, window + y * pitch, step, panel + y * depth * N * W, N * W, depth);
  }
  const Floats<W> none = {};
#pragma GCC unroll 2
  for (int n = 0; n < N; n++) {
    const int64_t channels = job.outChannels - column - n * W;
    if (channels <= 0) break;
    const Floats<W> bias = job.finish.bias ? loadPart<W>(job.finish.bias + column + n * W, channels) : none;
#pragma GCC unroll 12
    for (int i = 0; i < M; i++) {
      Floats<W> value = sums.rows[i][n] + bias;
      if (job.finish.relu) value = relu<W>(value);
      storePart<W>(to + i * job.pixelStep + n * W, value, channels);
    }
  }
}

template <int W, int N>
TFJS_CNN_BOTH void rowOfOutputs(const Job& job, const float* row, int64_t pitch, const float* panel, int64_t column, float* to) {
  const int64_t step = job.strideWidth * job.from.channels;
  int64_t x = 0;
  constexpr int M = BLOCK_ROWS<W>;
  for (; x + M <= job.outWidth; x += M) outputs<W, M, N>(job, row + x * step, pitch, panel, column, to + x * job.pixelStep);
  if (M > 6 && x + 6 <= job.outWidth) {
    outputs<W, 6, N>(job, row + x * step, pitch, panel, column, to + x * job.pixelStep);
    x += 6;
  }
  if (x + 3 <= job.outWidth) {
    outputs<W, 3, N>(job, row + x * step, pitch, panel, column, to + x * job.pixelStep);
    x += 3;
  }
  for (; x < job.outWidth; x++) outputs<W, 1, N>(job, row + x * step, pitch, panel, column, to + x * job.pixelStep);
}

template <int W>
TFJS_CNN_BOTH void convolveRows(const Job& job, int64_t piece) {
  const int64_t picture = piece / job.piecesOfAPicture, first = piece % job.piecesOfAPicture * job.rowsOfAPiece;
  const int64_t rows = std::min(job.rowsOfAPiece, job.outHeight - first);
  const int64_t framed = (rows - 1) * job.strideHeight + job.filterHeight, pitch = job.from.seen * job.from.channels;
  float* frame = threadScratch(framed * pitch + SLACK);
  copyFrame(job.from, picture, first * job.strideHeight, framed, frame);
  const int64_t taps = job.filterHeight * job.filterWidth * job.from.channels;
  float* to = job.to + picture * job.pictureStep + first * job.rowStep;
  for (int64_t column = 0; column < job.toRow; column += 2 * W) {
    const float* panel = job.panels + column * taps;
    for (int64_t y = 0; y < rows; y++) {
      const float* row = frame + y * job.strideHeight * pitch;
      if (job.toRow - column >= 2 * W) {
        rowOfOutputs<W, 2>(job, row, pitch, panel, column, to + y * job.rowStep + column);
      } else {
        rowOfOutputs<W, 1>(job, row, pitch, panel, column, to + y * job.rowStep + column);
      }
    }
  }
}

TFJS_CNN_VERSIONS(convolvingRows, convolveRows, Job)

// A part of a filter's taps: every step-th from the first on, backwards and with channels swapped for a gradient.
struct Taps {
  int64_t first, step, count;
};

// Fills panels of that width with taps of the filter [.., c.filterWidth, c.inChannels, c.outChannels].
void packFilter(const Convolution& c, const float* filter, const Taps& rows, const Taps& columns, bool turned, int64_t width, float* to) {
  const int64_t ins = turned ? c.outChannels : c.inChannels, outs = turned ? c.inChannels : c.outChannels;
  const int64_t inStep = turned ? 1 : c.outChannels, outStep = turned ? c.outChannels : 1;
  const int64_t outRow = roundUp(outs, ROW);
  const auto tap = [&](const Taps& taps, int64_t i) { return taps.first + (turned ? taps.count - 1 - i : i) * taps.step; };
  for (int64_t panel = 0; panel < outRow; panel += width) {
    const int64_t wide = std::min(width, outRow - panel), given = std::clamp<int64_t>(outs - panel, 0, wide);
    for (int64_t y = 0; y < rows.count; y++) {
      for (int64_t x = 0; x < columns.count; x++) {
        const int64_t at = (tap(rows, y) * c.filterWidth + tap(columns, x)) * c.inChannels * c.outChannels;
        for (int64_t in = 0; in < ins; in++, to += wide) {
          const float* from = filter + at + in * inStep + panel * outStep;
          for (int64_t out = 0; out < given; out++) to[out] = from[out * outStep];
          std::fill(to + given, to + wide, 0.0f);
        }
      }
    }
  }
}

void convolve(Job job, int width) {
  job.toRow = roundUp(job.outChannels, ROW);
  job.from.seen = (job.outWidth - 1) * job.strideWidth + job.filterWidth;
  const int64_t row = std::max<int64_t>(1, job.strideHeight * job.from.seen * job.from.channels);
  job.rowsOfAPiece = std::clamp<int64_t>(GRAIN / row, 1, job.outHeight);
  job.piecesOfAPicture = (job.outHeight + job.rowsOfAPiece - 1) / job.rowsOfAPiece;
  forPieces(job.batch * job.piecesOfAPicture, job, convolvingRows(width));
}

// Zeros at the places of a phase that no tap of the filter reaches.
void clear(const Job& job) {
  for (int64_t row = 0; row < job.batch * job.outHeight; row++) {
    float* to = job.to + row / job.outHeight * job.pictureStep + row % job.outHeight * job.rowStep;
    for (int64_t x = 0; x < job.outWidth; x++) std::fill_n(to + x * job.pixelStep, job.outChannels, 0.0f);
  }
}

// Along one axis of dx, every stride-th pixel from `phase` on: they are reached by these taps.
struct Phase {
  Taps taps;
  int64_t pad, count;
};

Phase phaseOf(int64_t phase, int64_t stride, int64_t pad, int64_t filter, int64_t size) {
  const int64_t first = (phase + pad) % stride, count = first < filter ? (filter - first + stride - 1) / stride : 0;
  return {{first, stride, count}, count - 1 - (phase + pad - first) / stride, (size - phase + stride - 1) / stride};
}

}  // namespace

void forward(const Convolution& c, const float* x, const float* filter, const Finish& finish, float* y) {
  const int width = lanes();
  Workspace memory(c.filterHeight * c.filterWidth * c.inChannels * roundUp(c.outChannels, ROW));
  packFilter(c, filter, {0, 1, c.filterHeight}, {0, 1, c.filterWidth}, false, 2 * width, memory.data());
  Job job{};
  job.batch = c.batch;
  job.from = {x, c.inHeight, c.inWidth, c.inChannels, c.padTop, c.padLeft, 0};
  job.filterHeight = c.filterHeight;
  job.filterWidth = c.filterWidth;
  job.strideHeight = c.strideHeight;
  job.strideWidth = c.strideWidth;
  job.panels = memory.data();
  job.outHeight = c.outHeight;
  job.outWidth = c.outWidth;
  job.outChannels = c.outChannels;
  job.to = y;
  job.pixelStep = c.outChannels;
  job.rowStep = c.outWidth * job.pixelStep;
  job.pictureStep = c.outHeight * job.rowStep;
  job.finish = finish;
  convolve(job, width);
}

void gradientOfInput(const Convolution& c, const float* dy, const float* filter, float* dx) {
  // Sums of a pixel's channels alone would leave more than half of a ROW empty.
  if (2 * c.inChannels < ROW && c.filterWidth > 1) {
    scatterGradient(c, dy, filter, dx);
    return;
  }
  const int width = lanes();
  Workspace memory(c.filterHeight * c.filterWidth * c.outChannels * roundUp(c.inChannels, ROW));
  Job job{};
  job.batch = c.batch;
  job.strideHeight = job.strideWidth = 1;
  job.panels = memory.data();
  job.outChannels = c.inChannels;
  job.pixelStep = c.strideWidth * c.inChannels;
  job.rowStep = c.strideHeight * c.inWidth * c.inChannels;
  job.pictureStep = c.inHeight * c.inWidth * c.inChannels;
  for (int64_t row = 0; row < std::min(c.strideHeight, c.inHeight); row++) {
    const Phase rows = phaseOf(row, c.strideHeight, c.padTop, c.filterHeight, c.inHeight);
    for (int64_t column = 0; column < std::min(c.strideWidth, c.inWidth); column++) {
      const Phase columns = phaseOf(column, c.strideWidth, c.padLeft, c.filterWidth, c.inWidth);
      job.outHeight = rows.count;
      job.outWidth = columns.count;
      job.to = dx + (row * c.inWidth + column) * c.inChannels;
      if (rows.taps.count * columns.taps.count == 0) {
        clear(job);
        continue;
      }
      job.from = {dy, c.outHeight, c.outWidth, c.outChannels, rows.pad, columns.pad, 0};
      job.filterHeight = rows.taps.count;
      job.filterWidth = columns.taps.count;
      packFilter(c, filter, rows.taps, columns.taps, true, 2 * width, memory.data());
      convolve(job, width);
    }
  }
}

}  // namespace direct
}  // namespace tfjs_cnn
