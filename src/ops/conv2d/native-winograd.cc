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

// Between the matrices, so that they do not begin in the same set of the cache.
constexpr int64_t STAGGER = 16;

struct Job {
  int width;
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
  // Tiles that are worked on together, from `first` on, and their transformed inputs and sums where threads share them.
  int64_t first, count;
  float* sources;
  float* sums;
};

int64_t rowsOf(int64_t tiles) { return roundUp(tiles, 12); }

// Where element (channel, column) of a transformed filter lies; a panel's columns follow each other.
template <int W>
TFJS_CNN_BOTH int64_t inPanels(const Job& job, int64_t channel, int64_t column) {
  const int64_t panel = column / (2 * W) * (2 * W), width = std::min<int64_t>(2 * W, job.toRow - panel);
  return panel * job.from.channels + channel * width + column - panel;
}

// 16 channels in, 16 out of the filters.
template <int W>
TFJS_CNN_BOTH void transformFilters(const Job& job, int64_t piece) {
  const int64_t across = job.toRow / ROW;
  const int64_t firstIn = piece / across * ROW, firstOut = piece % across * ROW;
  const int64_t ins = std::min(ROW, job.from.channels - firstIn), outs = std::min(ROW, job.outChannels - firstOut);
  float taps[9][ROW][ROW] = {};
  for (int tap = 0; tap < 9; tap++) {
    for (int64_t a = 0; a < (job.turned ? outs : ins); a++) {
      for (int64_t b = 0; b < (job.turned ? ins : outs); b++) {
        if (job.turned) {
          taps[tap][b][a] = job.filter[((8 - tap) * job.outChannels + firstOut + a) * job.from.channels + firstIn + b];
        } else {
          taps[tap][a][b] = job.filter[(tap * job.from.channels + firstIn + a) * job.outChannels + firstOut + b];
        }
      }
    }
  }
  for (int64_t in = 0; in < ins; in++) {
    for (int64_t out = 0; out < ROW; out += W) {
      float* to = job.transformed + inPanels<W>(job, firstIn + in, firstOut + out);
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
        for (int x = 0; x < 6; x++) store<W>(to + (y * 6 + x) * job.transformedPitch, v[x]);
      }
    }
  }
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

// Sums of a range of columns at one place of all tiles.
template <int W, int N>
TFJS_CNN_BOTH void multiplyPanel(const Job& job, const float* source, const float* filter, float* to, int64_t rows) {
  constexpr int M = BLOCK_ROWS<W>;
  for (int64_t row = 0; row < rows; row += M) {
    Sums<W, M, N> sums = {};
    addProductsOfRows(sums, source + row * job.fromRow, job.fromRow, filter, N * W, job.from.channels);
    storeSums(sums, to + row * job.toRow, job.toRow);
  }
}

template <int W>
TFJS_CNN_BOTH void multiply(const Job& job, const float* source, int64_t place, float* to, int64_t rows, int64_t begin, int64_t end) {
  const float* filter = job.transformed + place * job.transformedPitch;
  for (int64_t column = begin; column < end; column += 2 * W) {
    const float* panel = filter + column * job.from.channels;
    if (job.toRow - column >= 2 * W) {
      multiplyPanel<W, 2>(job, source, panel, to + column, rows);
    } else {
      multiplyPanel<W, 1>(job, source, panel, to + column, rows);
    }
  }
}

// AT m A of one tile, and what follows.
template <int W>
TFJS_CNN_BOTH void finishTile(const Job& job, int64_t tile, const float* sums, int64_t pitch) {
  const int64_t picture = tile / (job.tiles.down * job.tiles.across), within = tile % (job.tiles.down * job.tiles.across);
  const int64_t top = within / job.tiles.across * TILE, left = within % job.tiles.across * TILE;
  const int64_t down = std::min<int64_t>(TILE, job.outHeight - top), across = std::min<int64_t>(TILE, job.outWidth - left);
  float* to = job.to + ((picture * job.outHeight + top) * job.outWidth + left) * job.outChannels;
  const Floats<W> none = {};
  for (int64_t c = 0; c < job.outChannels; c += W) {
    const int64_t channels = job.outChannels - c;
    Floats<W> half[6][4];
    for (int y = 0; y < 6; y++) {
      Floats<W> v[6];
#pragma GCC unroll 6
      for (int x = 0; x < 6; x++) v[x] = load<W>(sums + (y * 6 + x) * pitch + c);
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
        // NaN stays NaN.
        if (job.finish.relu) value = value < none ? none : value;
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
    multiply<W>(job, sources + place * sourcePitch, place, sums + place * sumPitch, rows, 0, job.toRow);
  }
  for (int64_t i = 0; i < count; i++) finishTile<W>(job, first + i, sums + i * job.toRow, sumPitch);
}

// The same in three phases, of which each is shared by all threads: with many channels the filters are read once a phase.
int64_t sharedPitch(const Job& job, int64_t row) { return rowsOf(job.count) * row + STAGGER; }

constexpr int64_t TILES_OF_A_PIECE = 4, COLUMNS_OF_A_PIECE = 128;

template <int W>
TFJS_CNN_BOTH void transformShared(const Job& job, int64_t piece) {
  const int64_t pitch = sharedPitch(job, job.fromRow), end = std::min(job.count, (piece + 1) * TILES_OF_A_PIECE);
  for (int64_t i = piece * TILES_OF_A_PIECE; i < end; i++) transformTile<W>(job, job.first + i, job.sources + i * job.fromRow, pitch);
  if (end == job.count) clearRest(job, job.sources, pitch, job.count);
}

template <int W>
TFJS_CNN_BOTH void multiplyShared(const Job& job, int64_t piece) {
  const int64_t place = piece % PLACES, begin = piece / PLACES * COLUMNS_OF_A_PIECE, rows = rowsOf(job.count);
  const float* source = job.sources + place * sharedPitch(job, job.fromRow);
  const int64_t end = std::min(job.toRow, begin + COLUMNS_OF_A_PIECE);
  multiply<W>(job, source, place, job.sums + place * sharedPitch(job, job.toRow), rows, begin, end);
}

template <int W>
TFJS_CNN_BOTH void finishShared(const Job& job, int64_t piece) {
  const int64_t pitch = sharedPitch(job, job.toRow), end = std::min(job.count, (piece + 1) * TILES_OF_A_PIECE);
  for (int64_t i = piece * TILES_OF_A_PIECE; i < end; i++) finishTile<W>(job, job.first + i, job.sums + i * job.toRow, pitch);
}

TFJS_CNN_VERSIONS(transformingFilters, transformFilters, Job)
TFJS_CNN_VERSIONS(convolvingBlock, convolveBlock, Job)
TFJS_CNN_VERSIONS(transformingShared, transformShared, Job)
TFJS_CNN_VERSIONS(multiplyingShared, multiplyShared, Job)
TFJS_CNN_VERSIONS(finishingShared, finishShared, Job)

// Pairs of channels from which on the filters are larger than what is worked on.
constexpr int64_t MANY_PAIRS = 160 * 160;
// Tiles that are worked on together: by one thread, as many as its cache holds; by all.
constexpr int64_t SHARED_TILES = 96;
int64_t tilesOfAThread(int64_t tiles, int64_t channels) {
  return std::min<int64_t>(channels <= 64 ? 60 : channels <= 160 ? 36 : 24, std::max<int64_t>(12, roundUp(tiles / 8, 12)));
}

void convolve(Job job) {
  const int width = lanes();
  const std::vector<float> zeros(roundUp(job.from.channels, ROW));
  job.zeros = zeros.data();
  job.fromRow = roundUp(job.from.channels, ROW);
  job.toRow = roundUp(job.outChannels, ROW);
  job.transformedPitch = job.from.channels * job.toRow + STAGGER;
  const bool shared = job.from.channels * job.outChannels >= MANY_PAIRS;
  job.count = shared ? std::min(SHARED_TILES, job.tiles.count) : tilesOfAThread(job.tiles.count, job.from.channels + job.outChannels);
  Workspace memory(PLACES * (job.transformedPitch + (shared ? sharedPitch(job, job.fromRow) + sharedPitch(job, job.toRow) : 0)));
  job.transformed = memory.data();
  forPieces(job.fromRow / ROW * (job.toRow / ROW), job, transformingFilters(width));
  if (!shared) {
    forPieces((job.tiles.count + job.count - 1) / job.count, job, convolvingBlock(width));
    return;
  }
  job.sources = job.transformed + PLACES * job.transformedPitch;
  job.sums = job.sources + PLACES * sharedPitch(job, job.fromRow);
  const int64_t groups = (job.toRow + COLUMNS_OF_A_PIECE - 1) / COLUMNS_OF_A_PIECE;
  for (job.first = 0; job.first < job.tiles.count; job.first += job.count) {
    job.count = std::min(job.count, job.tiles.count - job.first);
    const int64_t pieces = (job.count + TILES_OF_A_PIECE - 1) / TILES_OF_A_PIECE;
    forPieces(pieces, job, transformingShared(width));
    forPieces(PLACES * groups, job, multiplyingShared(width));
    forPieces(pieces, job, finishingShared(width));
  }
}

}  // namespace

void forward(const Convolution& c, const float* x, const float* filter, const Finish& finish, float* y) {
  Job job{};
  job.from = {x, c.inHeight, c.inWidth, c.inChannels, c.padTop, c.padLeft};
  job.tiles = tiling(c.batch, c.outHeight, c.outWidth);
  job.outHeight = c.outHeight;
  job.outWidth = c.outWidth;
  job.outChannels = c.outChannels;
  job.filter = filter;
  job.finish = finish;
  job.to = y;
  convolve(job);
}

void gradientOfInput(const Convolution& c, const float* dy, const float* filter, float* dx) {
  Job job{};
  job.from = {dy, c.outHeight, c.outWidth, c.outChannels, 2 - c.padTop, 2 - c.padLeft};
  job.tiles = tiling(c.batch, c.inHeight, c.inWidth);
  job.outHeight = c.inHeight;
  job.outWidth = c.inWidth;
  job.outChannels = c.inChannels;
  job.filter = filter;
  job.turned = true;
  job.to = dx;
  convolve(job);
}

}  // namespace winograd
}  // namespace tfjs_cnn
