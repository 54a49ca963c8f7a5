// 3x3 convolution by Winograd's F(4x4, 3x3) and its input gradient: AT [sum over channels of (G filter GT) * (BT x B)] A.
// Source: Lavin & Gray, arXiv 1509.09308; points as in winograd-error.ts.
#include <algorithm>
#include <vector>

#include "../../backends/tensorflow/native/memory.h"
#include "../../backends/tensorflow/native/product.h"
#include "native-convolution.h"
#include "native-winograd-tile.h"

namespace tfjs_cnn {
namespace winograd {
namespace {

struct Job {
  Pictures from;
  Tiling tiles;
  int64_t outHeight, outWidth, outChannels;
  // Channels as whole ROWs.
  int64_t fromRow, toRow;
  const float* zeros;
  const float* filter;
  // Whether the filter is turned by 180 degrees and its channels swapped: the gradient's.
  bool turned;
  Finish finish;
  float* to;
  // Transformed filters: 36 matrices of panels of 2 * width columns.
  float* transformed;
  int64_t transformedPitch;
  // Tiles that are worked on together, from `first` on, and their transforms where threads share them.
  int64_t first, count;
  float* sources;
};

int64_t rowsOf(int64_t tiles) { return roundUp(tiles, 12); }

// G filter GT of 16 channels in and 16 out: 36 matrices, `pitch` apart, of panels with `depth` rows of `width` columns.
template <int W>
TFJS_CNN_BOTH void transformFilters(const Job& job, int64_t firstIn, int64_t firstOut, float* to, int64_t width, int64_t depth,
                                    int64_t pitch) {
  const int64_t ins = std::min(ROW, job.from.channels - firstIn), outs = std::min(ROW, job.outChannels - firstOut);
  float taps[9][ROW][ROW] = {};
  for (int tap = 0; tap < 9; tap++) {
    if (job.turned) {
      const float* from = job.filter + ((8 - tap) * job.outChannels + firstOut) * job.from.channels + firstIn;
      for (int64_t out = 0; out < outs; out++, from += job.from.channels) {
        for (int64_t in = 0; in < ins; in++) taps[tap][in][out] = from[in];
      }
    } else {
      const float* from = job.filter + (tap * job.from.channels + firstIn) * job.outChannels + firstOut;
      for (int64_t in = 0; in < ins; in++, from += job.outChannels) std::copy(from, from + outs, taps[tap][in]);
    }
  }
  for (int64_t in = 0; in < ins; in++, to += width) {
    for (int64_t out = 0; out < ROW; out += W) {
      Floats<W> half[6][3];
      for (int x = 0; x < 3; x++) {
        Floats<W> f[3], v[6];
        for (int y = 0; y < 3; y++) f[y] = load<W>(&taps[y * 3 + x][in][out]);
        fromTaps<W>(f, v);
        for (int y = 0; y < 6; y++) half[y][x] = v[y];
      }
      for (int y = 0; y < 6; y++) {
        Floats<W> v[6];
        fromTaps<W>(half[y], v);
        for (int x = 0; x < 6; x++) store<W>(to + (y * 6 + x) * pitch + out / width * width * depth + out % width, v[x]);
      }
    }
  }
}

// A block of them into panels, whose columns follow each other.
template <int W>
TFJS_CNN_BOTH void transformPanels(const Job& job, int64_t piece) {
  const int64_t across = job.toRow / ROW, in = piece / across * ROW, out = piece % across * ROW;
  const int64_t panel = out / (2 * W) * (2 * W), width = std::min<int64_t>(2 * W, job.toRow - panel);
  float* to = job.transformed + panel * job.from.channels + in * width + out - panel;
  transformFilters<W>(job, in, out, to, width, job.from.channels, job.transformedPitch);
}

template <int W>
TFJS_CNN_BOTH void transformTile(const Job& job, int64_t tile, float* to, int64_t pitch) {
  const float* pixels[36];
  findPixels<6>(job.from, job.tiles, tile, job.zeros, pixels);
  transformInput<W>(pixels, job.from.channels, to, pitch);
}

// Rows without a tile: what is computed of them is of no concern, but slow where it is subnormal.
void clearRest(const Job& job, float* sources, int64_t pitch, int64_t tiles) {
  for (int64_t place = 0; place < PLACES; place++) {
    std::fill(sources + place * pitch + tiles * job.fromRow, sources + place * pitch + rowsOf(tiles) * job.fromRow, 0.0f);
  }
}

// Products at one place of all tiles for the columns of a panel: added to what is there, or set.
template <int W, int N>
TFJS_CNN_BOTH void multiply(const float* source, int64_t fromRow, const float* filter, int64_t depth, bool add, float* to, int64_t toRow,
                            int64_t rows) {
  constexpr int M = BLOCK_ROWS<W>;
  for (int64_t row = 0; row < rows; row += M) {
    Sums<W, M, N> sums = {};
    if (add) loadSums(sums, to + row * toRow, toRow);
    addProductsOfRows(sums, source + row * fromRow, fromRow, filter, N * W, depth);
    storeSums(sums, to + row * toRow, toRow);
  }
}

// AT m A of one tile for channels begin to end, and what follows.
template <int W>
TFJS_CNN_BOTH void finishTile(const Job& job, int64_t tile, const float* sums, int64_t pitch, int64_t begin, int64_t end) {
  const int64_t picture = tile / (job.tiles.down * job.tiles.across), within = tile % (job.tiles.down * job.tiles.across);
  const int64_t top = within / job.tiles.across * TILE, left = within % job.tiles.across * TILE;
  const int64_t down = std::min<int64_t>(TILE, job.outHeight - top), across = std::min<int64_t>(TILE, job.outWidth - left);
  float* to = job.to + ((picture * job.outHeight + top) * job.outWidth + left) * job.outChannels;
  const Floats<W> none = {};
  for (int64_t c = begin; c < end; c += W) {
    const int64_t channels = end - c;
    Floats<W> half[6][4];
    for (int y = 0; y < 6; y++) {
      Floats<W> v[6];
#pragma GCC unroll 6
      for (int x = 0; x < 6; x++) v[x] = load<W>(sums + (y * 6 + x) * pitch + c - begin);
      toPixels<W>(v, half[y]);
    }
    const Floats<W> bias = job.finish.bias ? loadPart<W>(job.finish.bias + c, channels) : none;
    for (int64_t x = 0; x < across; x++) {
      Floats<W> v[6], out[4];
#pragma GCC unroll 6
      for (int y = 0; y < 6; y++) v[y] = half[y][x];
      toPixels<W>(v, out);
      for (int64_t y = 0; y < down; y++) {
        Floats<W> value = out[y] + bias;
        if (job.finish.relu) value = relu<W>(value);
        storePart<W>(to + (y * job.outWidth + x) * job.outChannels + c, value, channels);
      }
    }
  }
}

// A block of tiles from pixels to pixels, by one thread.
template <int W>
TFJS_CNN_BOTH void convolveBlock(const Job& job, int64_t piece) {
  const int64_t first = piece * job.count, count = std::min(job.count, job.tiles.count - first), rows = rowsOf(count);
  const int64_t sourcePitch = rowsOf(job.count) * job.fromRow + STAGGER, sumPitch = rowsOf(job.count) * job.toRow + STAGGER;
  float* sources = threadScratch(PLACES * (sourcePitch + sumPitch));
  float* sums = sources + PLACES * sourcePitch;
  for (int64_t i = 0; i < count; i++) transformTile<W>(job, first + i, sources + i * job.fromRow, sourcePitch);
  clearRest(job, sources, sourcePitch, count);
  for (int64_t place = 0; place < PLACES; place++) {
    const float* source = sources + place * sourcePitch;
    const float* filter = job.transformed + place * job.transformedPitch;
    float* to = sums + place * sumPitch;
    for (int64_t column = 0; column < job.toRow; column += 2 * W) {
      const float* panel = filter + column * job.from.channels;
      if (job.toRow - column >= 2 * W) {
        multiply<W, 2>(source, job.fromRow, panel, job.from.channels, false, to + column, job.toRow, rows);
      } else {
        multiply<W, 1>(source, job.fromRow, panel, job.from.channels, false, to + column, job.toRow, rows);
      }
    }
  }
  for (int64_t i = 0; i < count; i++) finishTile<W>(job, first + i, sums + i * job.toRow, sumPitch, 0, job.outChannels);
}

// With many channels the transformed filters are larger than caches: threads share the transformed tiles, and each makes what it needs
// of the filters for some output channels, so many input channels at a time.
constexpr int64_t COLUMNS = 32, CHANNELS = 64;

int64_t sharedPitch(const Job& job) { return rowsOf(job.count) * job.fromRow + STAGGER; }

template <int W>
TFJS_CNN_BOTH void transformShared(const Job& job, int64_t piece) {
  const int64_t pitch = sharedPitch(job), end = std::min(job.count, (piece + 1) * TILES_OF_A_PIECE);
  for (int64_t i = piece * TILES_OF_A_PIECE; i < end; i++) transformTile<W>(job, job.first + i, job.sources + i * job.fromRow, pitch);
  if (end == job.count) clearRest(job, job.sources, pitch, job.count);
}

template <int W>
TFJS_CNN_BOTH void convolveColumns(const Job& job, int64_t piece) {
  const int64_t begin = piece * COLUMNS, end = std::min(job.outChannels, begin + COLUMNS), rows = rowsOf(job.count);
  const int64_t filterPitch = CHANNELS * COLUMNS + STAGGER, sumPitch = rows * COLUMNS + STAGGER, pitch = sharedPitch(job);
  float* filters = threadScratch(PLACES * (filterPitch + sumPitch));
  float* sums = filters + PLACES * filterPitch;
  for (int64_t in = 0; in < job.from.channels; in += CHANNELS) {
    const int64_t ins = std::min(CHANNELS, job.from.channels - in);
    for (int64_t out = begin; out < end; out += ROW) {
      for (int64_t i = 0; i < ins; i += ROW) {
        // Panels here are as wide as two registers, too.
        const int64_t panel = (out - begin) / (2 * W) * (2 * W);
        float* to = filters + panel * ins + i * 2 * W + out - begin - panel;
        transformFilters<W>(job, in + i, out, to, 2 * W, ins, filterPitch);
      }
    }
    for (int64_t place = 0; place < PLACES; place++) {
      const float* source = job.sources + place * pitch + in;
      for (int64_t column = 0; column < roundUp(end - begin, ROW); column += 2 * W) {
        multiply<W, 2>(source, job.fromRow, filters + place * filterPitch + column * ins, ins, in > 0, sums + place * sumPitch + column,
                       COLUMNS, rows);
      }
    }
  }
  for (int64_t i = 0; i < job.count; i++) finishTile<W>(job, job.first + i, sums + i * COLUMNS, sumPitch, begin, end);
}

TFJS_CNN_VERSIONS(transformingPanels, transformPanels, Job)
TFJS_CNN_VERSIONS(convolvingBlock, convolveBlock, Job)
TFJS_CNN_VERSIONS(transformingShared, transformShared, Job)
TFJS_CNN_VERSIONS(convolvingColumns, convolveColumns, Job)

// Pairs of channels from which on the filters are larger than what is worked on.
constexpr int64_t MANY_PAIRS = 160 * 160;
// Tiles that are worked on together: by one thread, as many as its cache holds; by all.
constexpr int64_t SHARED_TILES = 96;
int64_t tilesOfAThread(int64_t tiles, int64_t channels) {
  return std::min<int64_t>(channels <= 64 ? 60 : channels <= 160 ? 36 : 24, std::max<int64_t>(12, roundUp(tiles / 8, 12)));
}

// Where outputs go.
struct Target {
  float* data;
  int64_t batch, height, width, channels;
};

void convolve(Job job, const Target& target) {
  const int width = lanes();
  job.tiles = tiling(target.batch, target.height, target.width);
  job.outHeight = target.height;
  job.outWidth = target.width;
  job.outChannels = target.channels;
  job.to = target.data;
  const std::vector<float> zeros(roundUp(job.from.channels, ROW));
  job.zeros = zeros.data();
  job.fromRow = roundUp(job.from.channels, ROW);
  job.toRow = roundUp(job.outChannels, ROW);
  if (job.from.channels * job.outChannels >= MANY_PAIRS) {
    job.count = std::min(SHARED_TILES, job.tiles.count);
    Workspace memory(PLACES * sharedPitch(job));
    job.sources = memory.data();
    for (job.first = 0; job.first < job.tiles.count; job.first += job.count) {
      job.count = std::min(job.count, job.tiles.count - job.first);
      forPieces((job.count + TILES_OF_A_PIECE - 1) / TILES_OF_A_PIECE, job, transformingShared(width));
      forPieces((job.outChannels + COLUMNS - 1) / COLUMNS, job, convolvingColumns(width));
    }
    return;
  }
  job.count = tilesOfAThread(job.tiles.count, job.from.channels + job.outChannels);
  job.transformedPitch = job.from.channels * job.toRow + STAGGER;
  Workspace memory(PLACES * job.transformedPitch);
  job.transformed = memory.data();
  forPieces(job.fromRow / ROW * (job.toRow / ROW), job, transformingPanels(width));
  forPieces((job.tiles.count + job.count - 1) / job.count, job, convolvingBlock(width));
}

}  // namespace

void forward(const Convolution& c, const float* x, const float* filter, const Finish& finish, float* y) {
  Job job{};
  job.from = {x, c.inHeight, c.inWidth, c.inChannels, c.padTop, c.padLeft};
  job.filter = filter;
  job.finish = finish;
  convolve(job, {y, c.batch, c.outHeight, c.outWidth, c.outChannels});
}

void gradientOfInput(const Convolution& c, const float* dy, const float* filter, float* dx) {
  Job job{};
  job.from = {dy, c.outHeight, c.outWidth, c.outChannels, 2 - c.padTop, 2 - c.padLeft};
  job.filter = filter;
  job.turned = true;
  convolve(job, {dx, c.batch, c.inHeight, c.inWidth, c.inChannels});
}

}  // namespace winograd
}  // namespace tfjs_cnn
