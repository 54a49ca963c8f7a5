// The filter gradient of 3x3 convolutions by Winograd's F(4x4, 3x3): GT [sum over tiles of (BT x B) * (A dy AT)] G.
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
  Pictures x, dy;
  Tiling tiles;
  // Channels as whole ROWs.
  int64_t xRow, dyRow;
  const float* zeros;
  // 36 matrices [xRow, dyRow] of sums, as many times as there are pieces.
  float* sums;
  int64_t sumPitch, pieceSize, pieces;
  // Tiles that are transformed at a time, and where for all threads.
  int64_t first, count;
  float* shared;
  float* dfilter;
};

template <int W>
TFJS_CNN_BOTH void transformTile(const Job& job, int64_t tile, float* x, int64_t xPitch, float* dy, int64_t dyPitch) {
  const float* pixels[36];
  findPixels<6>(job.x, job.tiles, tile, job.zeros, pixels);
  transformInput<W>(pixels, job.x.channels, x, xPitch);
  const float* gradients[16];
  findPixels<4>(job.dy, job.tiles, tile, job.zeros, gradients);
  transformGradient<W>(gradients, job.dy.channels, dy, dyPitch);
}

// Adds the products of `count` tiles at one place to rows of sums, `pitch` apart.
template <int W, int N>
TFJS_CNN_BOTH void addColumns(const Job& job, const float* x, const float* dy, int64_t count, float* sums, int64_t pitch, int64_t rows) {
  constexpr int M = BLOCK_COLUMNS<W>;
  for (int64_t row = 0; row < rows; row += M) {
    Sums<W, M, N> block;
    loadSums(block, sums + row * pitch, pitch);
    addProductsOfColumns(block, x + row, job.xRow, dy, job.dyRow, count);
    storeSums(block, sums + row * pitch, pitch);
  }
}

template <int W>
TFJS_CNN_BOTH void addTiles(const Job& job, const float* x, const float* dy, int64_t count, float* sums, int64_t pitch, int64_t rows,
                            int64_t columns) {
  for (int64_t column = 0; column < columns; column += 2 * W) {
    if (columns - column >= 2 * W) {
      addColumns<W, 2>(job, x, dy + column, count, sums + column, pitch, rows);
    } else {
      addColumns<W, 1>(job, x, dy + column, count, sums + column, pitch, rows);
    }
  }
}

int64_t xPitchOf(const Job& job) { return job.count * job.xRow + STAGGER; }
int64_t dyPitchOf(const Job& job) { return job.count * job.dyRow + STAGGER; }

// The sums of one piece of the tiles, by one thread.
template <int W>
TFJS_CNN_BOTH void sumPiece(const Job& job, int64_t piece) {
  const int64_t xPitch = xPitchOf(job), dyPitch = dyPitchOf(job);
  float* x = threadScratch(PLACES * (xPitch + dyPitch));
  float* dy = x + PLACES * xPitch;
  float* sums = job.sums + piece * job.pieceSize;
  std::fill(sums, sums + PLACES * job.sumPitch, 0.0f);
  const int64_t end = job.tiles.count * (piece + 1) / job.pieces;
  for (int64_t first = job.tiles.count * piece / job.pieces; first < end; first += job.count) {
    const int64_t count = std::min(job.count, end - first);
    for (int64_t i = 0; i < count; i++) transformTile<W>(job, first + i, x + i * job.xRow, xPitch, dy + i * job.dyRow, dyPitch);
    for (int64_t place = 0; place < PLACES; place++) {
      addTiles<W>(job, x + place * xPitch, dy + place * dyPitch, count, sums + place * job.sumPitch, job.dyRow, job.xRow,
                  job.dyRow);
    }
  }
}

// The same with one set of sums, for many channels: threads share the tiles, then the rows of sums.
constexpr int64_t ROWS_OF_A_PIECE = 48;

template <int W>
TFJS_CNN_BOTH void transformShared(const Job& job, int64_t piece) {
  const int64_t xPitch = xPitchOf(job), dyPitch = dyPitchOf(job);
  float* dy = job.shared + PLACES * xPitch;
  const int64_t end = std::min(job.count, (piece + 1) * TILES_OF_A_PIECE);
  for (int64_t i = piece * TILES_OF_A_PIECE; i < end; i++) {
    transformTile<W>(job, job.first + i, job.shared + i * job.xRow, xPitch, dy + i * job.dyRow, dyPitch);
  }
}

template <int W>
TFJS_CNN_BOTH void sumShared(const Job& job, int64_t piece) {
  const int64_t place = piece % PLACES, begin = piece / PLACES * ROWS_OF_A_PIECE, end = std::min(job.xRow, begin + ROWS_OF_A_PIECE);
  float* sums = job.sums + place * job.sumPitch + begin * job.dyRow;
  if (job.first == 0) std::fill(sums, sums + (end - begin) * job.dyRow, 0.0f);
  const float* dy = job.shared + PLACES * xPitchOf(job) + place * dyPitchOf(job);
  addTiles<W>(job, job.shared + place * xPitchOf(job) + begin, dy, job.count, sums, job.dyRow, end - begin, job.dyRow);
}

// GT s G of one input channel, output channels begin to end; sums of pieces are added in their order.
template <int W>
TFJS_CNN_BOTH void finish(const Job& job, const float* sums, int64_t pitch, int64_t channel, int64_t begin, int64_t end) {
  for (int64_t column = begin; column < end; column += W, sums += W) {
    Floats<W> half[3][6];
    for (int x = 0; x < 6; x++) {
      Floats<W> v[6] = {}, f[3];
      for (int64_t piece = 0; piece < job.pieces; piece++) {
        for (int y = 0; y < 6; y++) v[y] += load<W>(sums + piece * job.pieceSize + (y * 6 + x) * pitch);
      }
      toTaps<W>(v, f);
      for (int y = 0; y < 3; y++) half[y][x] = f[y];
    }
    for (int y = 0; y < 3; y++) {
      Floats<W> f[3];
      toTaps<W>(half[y], f);
      for (int x = 0; x < 3; x++) {
        storePart<W>(job.dfilter + ((y * 3 + x) * job.x.channels + channel) * job.dy.channels + column, f[x], end - column);
      }
    }
  }
}

template <int W>
TFJS_CNN_BOTH void finishChannel(const Job& job, int64_t channel) {
  finish<W>(job, job.sums + channel * job.dyRow, job.sumPitch, channel, 0, job.dy.channels);
}

// Where all tiles are transformed at once, sums need not leave the cache: 16 channels in and so many out, from tiles to taps.
constexpr int64_t COLUMNS = 128;

template <int W>
TFJS_CNN_BOTH void sumColumns(const Job& job, int64_t piece) {
  const int64_t across = (job.dyRow + COLUMNS - 1) / COLUMNS, in = piece / across * ROW, begin = piece % across * COLUMNS;
  const int64_t columns = std::min(COLUMNS, job.dyRow - begin), pitch = ROW * COLUMNS + STAGGER;
  float* sums = threadScratch(PLACES * pitch);
  for (int64_t place = 0; place < PLACES; place++) {
    const float* x = job.shared + place * xPitchOf(job) + in;
    const float* dy = job.shared + PLACES * xPitchOf(job) + place * dyPitchOf(job) + begin;
    float* to = sums + place * pitch;
    std::fill(to, to + ROW * COLUMNS, 0.0f);
    addTiles<W>(job, x, dy, job.count, to, COLUMNS, ROW, columns);
  }
  const int64_t end = std::min(job.dy.channels, begin + columns);
  for (int64_t i = 0; i < std::min(ROW, job.x.channels - in); i++) finish<W>(job, sums + i * COLUMNS, pitch, in + i, begin, end);
}

TFJS_CNN_VERSIONS(summingPiece, sumPiece, Job)
TFJS_CNN_VERSIONS(transformingShared, transformShared, Job)
TFJS_CNN_VERSIONS(summingShared, sumShared, Job)
TFJS_CNN_VERSIONS(summingColumns, sumColumns, Job)
TFJS_CNN_VERSIONS(finishingChannel, finishChannel, Job)

// Floats of sums up to which every piece of the tiles has its own, at most so many.
constexpr int64_t SUMS_OF_A_PIECE = 1 << 18, PIECES = 16;
// Tiles that are transformed at a time: by one thread; by all, so many floats of them.
constexpr int64_t BLOCK = 48, SHARED_FLOATS = 1 << 22;

}  // namespace

void gradientOfFilter(const Convolution& c, const float* x, const float* dy, float* dfilter) {
  const int width = lanes();
  Job job{};
  job.x = {x, c.inHeight, c.inWidth, c.inChannels, c.padTop, c.padLeft};
  job.dy = {dy, c.outHeight, c.outWidth, c.outChannels, 0, 0};
  job.tiles = tiling(c.batch, c.outHeight, c.outWidth);
  job.xRow = roundUp(c.inChannels, ROW);
  job.dyRow = roundUp(c.outChannels, ROW);
  const std::vector<float> zeros(std::max(job.xRow, job.dyRow));
  job.zeros = zeros.data();
  job.dfilter = dfilter;
  job.sumPitch = job.xRow * job.dyRow + STAGGER;
  job.pieceSize = PLACES * job.sumPitch;
  const bool shared = job.pieceSize > SUMS_OF_A_PIECE;
  const int64_t row = PLACES * (job.xRow + job.dyRow);
  job.count = std::min(job.tiles.count, shared ? std::max(BLOCK, SHARED_FLOATS / row) : BLOCK);
  job.pieces = shared ? 1 : std::min(PIECES, (job.tiles.count + BLOCK - 1) / BLOCK);
  const bool once = shared && job.count == job.tiles.count;
  const int64_t sums = once ? 0 : job.pieces * job.pieceSize;
  Workspace memory(sums + (shared ? PLACES * (xPitchOf(job) + dyPitchOf(job)) : 0));
  job.sums = memory.data();
  job.shared = job.sums + sums;
  const auto transform = [&] { forPieces((job.count + TILES_OF_A_PIECE - 1) / TILES_OF_A_PIECE, job, transformingShared(width)); };
  if (once) {
    transform();
    forPieces(job.xRow / ROW * ((job.dyRow + COLUMNS - 1) / COLUMNS), job, summingColumns(width));
    return;
  }
  if (shared) {
    const int64_t groups = (job.xRow + ROWS_OF_A_PIECE - 1) / ROWS_OF_A_PIECE;
    for (job.first = 0; job.first < job.tiles.count; job.first += job.count) {
      job.count = std::min(job.count, job.tiles.count - job.first);
      transform();
      forPieces(PLACES * groups, job, summingShared(width));
    }
  } else {
    forPieces(job.pieces, job, summingPiece(width));
  }
  forPieces(c.inChannels, job, finishingChannel(width));
}

}  // namespace winograd
}  // namespace tfjs_cnn
