// The filter gradient of a convolution as it is defined: for every tap, products of the pixels it saw and dy.
#include <algorithm>

#include "../../backends/tensorflow/native/memory.h"
#include "../../backends/tensorflow/native/product.h"
#include "native-convolution.h"
#include "native-frame.h"

namespace tfjs_cnn {
namespace direct {
namespace {

struct Job {
  Convolution c;
  View x;
  const float* dy;
  // A filter row's taps, [filterWidth, inChannels], as whole blocks; outChannels as whole ROWs.
  int64_t tapRow, dyRow;
  // [parts][filterHeight][tapRow][dyRow]: each part of the pictures has sums of its own.
  float* sums;
  int64_t parts;
  // The filter's rows are all in one group, or each in its own.
  int64_t groups, rowsOfAGroup;
  // Rows of outputs that are worked on together.
  int64_t rows;
  float* dfilter;
};

template <int W, int N>
TFJS_CNN_BOTH void addRows(const Job& job, const float* x, int64_t pitch, const float* dy, int64_t rows, float* sums) {
  constexpr int M = BLOCK_COLUMNS<W>;
  const Convolution& c = job.c;
  for (int64_t tap = 0; tap < c.filterWidth * c.inChannels; tap += M) {
    Sums<W, M, N> block;
    loadSums(block, sums + tap * job.dyRow, job.dyRow);
    for (int64_t y = 0; y < rows; y++) {
      addProductsOfColumns(block, x + y * c.strideHeight * pitch + tap, c.strideWidth * c.inChannels,
                           dy + y * c.outWidth * c.outChannels, c.outChannels, c.outWidth);
    }
    storeSums(block, sums + tap * job.dyRow, job.dyRow);
  }
}

// dy from one pixel on, with numbers behind the last pixel for whoever reads whole ROWs: these end in sums that nobody looks at.
const float* gradientRows(const Job& job, int64_t pixel, int64_t pixels, float* copy) {
  const Convolution& c = job.c;
  const float* from = job.dy + pixel * c.outChannels;
  if (c.outChannels == job.dyRow || pixel + pixels + ROW <= c.batch * c.outHeight * c.outWidth) return from;
  std::fill(std::copy(from, from + pixels * c.outChannels, copy), copy + pixels * c.outChannels + ROW, 0.0f);
  return copy;
}

// One part of the pictures, and where there are few such parts, one row of the filter.
template <int W>
TFJS_CNN_BOTH void sumPart(const Job& job, int64_t piece) {
  const Convolution& c = job.c;
  const int64_t part = piece / job.groups, filterRow = piece % job.groups * job.rowsOfAGroup, size = job.tapRow * job.dyRow;
  const int64_t pitch = job.x.seen * c.inChannels;
  const int64_t most = roundUp(((job.rows - 1) * c.strideHeight + job.rowsOfAGroup) * pitch + SLACK, ROW);
  float* frame = threadScratch(most + job.rows * c.outWidth * c.outChannels + ROW);
  float* sums = job.sums + (part * c.filterHeight + filterRow) * size;
  std::fill(sums, sums + job.rowsOfAGroup * size, 0.0f);
  for (int64_t picture = c.batch * part / job.parts; picture < c.batch * (part + 1) / job.parts; picture++) {
    for (int64_t first = 0; first < c.outHeight; first += job.rows) {
      const int64_t rows = std::min(job.rows, c.outHeight - first);
      copyFrame(job.x, picture, first * c.strideHeight + filterRow, (rows - 1) * c.strideHeight + job.rowsOfAGroup, frame);
      const float* dy = gradientRows(job, (picture * c.outHeight + first) * c.outWidth, rows * c.outWidth, frame + most);
      for (int64_t row = 0; row < job.rowsOfAGroup; row++) {
        for (int64_t column = 0; column < job.dyRow; column += 2 * W) {
          if (job.dyRow - column >= 2 * W) {
            addRows<W, 2>(job, frame + row * pitch, pitch, dy + column, rows, sums + row * size + column);
          } else {
            addRows<W, 1>(job, frame + row * pitch, pitch, dy + column, rows, sums + row * size + column);
          }
        }
      }
    }
  }
}

// Adds the parts, in their order, of one row of the filter.
template <int W>
TFJS_CNN_BOTH void finishRow(const Job& job, int64_t filterRow) {
  const Convolution& c = job.c;
  const int64_t size = job.tapRow * job.dyRow;
  for (int64_t tap = 0; tap < c.filterWidth * c.inChannels; tap++) {
    float* to = job.dfilter + (filterRow * c.filterWidth * c.inChannels + tap) * c.outChannels;
    for (int64_t column = 0; column < c.outChannels; column += W) {
      const float* sums = job.sums + filterRow * size + tap * job.dyRow + column;
      Floats<W> sum = load<W>(sums);
      for (int64_t part = 1; part < job.parts; part++) sum += load<W>(sums + part * c.filterHeight * size);
      storePart<W>(to + column, sum, c.outChannels - column);
    }
  }
}

TFJS_CNN_VERSIONS(summingPart, sumPart, Job)
TFJS_CNN_VERSIONS(finishingRow, finishRow, Job)

// Parts of the pictures, and the floats of all their sums.
constexpr int64_t PARTS = 16, SUMS = 1 << 22;
// Floats of outputs that are worked on together: the cache keeps them for all taps.
constexpr int64_t OUTPUTS = 1 << 15;

}  // namespace

void gradientOfFilter(const Convolution& c, const float* x, const float* dy, float* dfilter) {
  const int width = lanes();
  Job job{};
  job.c = c;
  job.x = {x, c.inHeight, c.inWidth, c.inChannels, c.padTop, c.padLeft, (c.outWidth - 1) * c.strideWidth + c.filterWidth};
  job.dy = dy;
  job.tapRow = roundUp(c.filterWidth * c.inChannels, ROW);
  job.dyRow = roundUp(c.outChannels, ROW);
  job.dfilter = dfilter;
  const int64_t size = c.filterHeight * job.tapRow * job.dyRow;
  job.parts = std::clamp<int64_t>(std::min(c.batch, SUMS / size), 1, PARTS);
  job.groups = job.parts < PARTS ? c.filterHeight : 1;
  job.rowsOfAGroup = c.filterHeight / job.groups;
  job.rows = std::clamp<int64_t>(OUTPUTS / (c.outWidth * job.dyRow), 1, c.outHeight);
  Workspace memory(job.parts * size);
  job.sums = memory.data();
  forPieces(job.parts * job.groups, job, summingPart(width));
  forPieces(c.filterHeight, job, finishingRow(width));
}

}  // namespace direct
}  // namespace tfjs_cnn
