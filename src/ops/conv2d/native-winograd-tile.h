// Transforms of Winograd's F(4x4, 3x3) for the points 0, +-11/16, +-3/2, infinity; winograd-error.ts has the matrices and their bounds.
#pragma once

#include "../../backends/tensorflow/native/lanes.h"

namespace tfjs_cnn {
namespace winograd {

constexpr float A = 11.0f / 16, B = 1.5f, A2 = A * A, B2 = B * B;

// Places of a transformed tile, pixels of a tile of outputs.
constexpr int PLACES = 36, TILE = 4;

// Between the matrices, so that they do not begin in the same set of the cache.
constexpr int64_t STAGGER = 16;

// Tiles that a thread transforms at a time for all.
constexpr int64_t TILES_OF_A_PIECE = 4;

// BT v, in place.
template <int W>
TFJS_CNN_BOTH void toPlaces(Floats<W> (&v)[6]) {
  const Floats<W> even1 = v[4] - B2 * v[2], odd1 = A * (v[3] - B2 * v[1]);
  const Floats<W> even2 = v[4] - A2 * v[2], odd2 = B * (v[3] - A2 * v[1]);
  const Floats<W> first = A2 * B2 * v[0] - (A2 + B2) * v[2] + v[4];
  const Floats<W> last = A2 * B2 * v[1] - (A2 + B2) * v[3] + v[5];
  v[0] = first;
  v[1] = even1 + odd1;
  v[2] = even1 - odd1;
  v[3] = even2 + odd2;
  v[4] = even2 - odd2;
  v[5] = last;
}

// AT v.
template <int W>
TFJS_CNN_BOTH void toPixels(const Floats<W> (&v)[6], Floats<W> (&y)[4]) {
  const Floats<W> sum1 = v[1] + v[2], difference1 = v[1] - v[2];
  const Floats<W> sum2 = v[3] + v[4], difference2 = v[3] - v[4];
  y[0] = v[0] + sum1 + sum2;
  y[1] = A * difference1 + B * difference2;
  y[2] = A2 * sum1 + B2 * sum2;
  y[3] = A2 * A * difference1 + B2 * B * difference2 + v[5];
}

// A y.
template <int W>
TFJS_CNN_BOTH void fromPixels(const Floats<W> (&y)[4], Floats<W> (&v)[6]) {
  const Floats<W> even1 = y[0] + A2 * y[2], odd1 = A * y[1] + A2 * A * y[3];
  const Floats<W> even2 = y[0] + B2 * y[2], odd2 = B * y[1] + B2 * B * y[3];
  v[0] = y[0];
  v[1] = even1 + odd1;
  v[2] = even1 - odd1;
  v[3] = even2 + odd2;
  v[4] = even2 - odd2;
  v[5] = y[3];
}

constexpr float G0 = 1 / (A2 * B2), GA = 1 / (2 * A2 * (A2 - B2)), GB = 1 / (2 * B2 * (B2 - A2));

// G f.
template <int W>
TFJS_CNN_BOTH void fromTaps(const Floats<W> (&f)[3], Floats<W> (&v)[6]) {
  const Floats<W> even1 = GA * f[0] + GA * A2 * f[2], odd1 = GA * A * f[1];
  const Floats<W> even2 = GB * f[0] + GB * B2 * f[2], odd2 = GB * B * f[1];
  v[0] = G0 * f[0];
  v[1] = even1 + odd1;
  v[2] = even1 - odd1;
  v[3] = even2 + odd2;
  v[4] = even2 - odd2;
  v[5] = f[2];
}

// GT v.
template <int W>
TFJS_CNN_BOTH void toTaps(const Floats<W> (&v)[6], Floats<W> (&f)[3]) {
  const Floats<W> sum1 = v[1] + v[2], sum2 = v[3] + v[4];
  f[0] = G0 * v[0] + GA * sum1 + GB * sum2;
  f[1] = GA * A * (v[1] - v[2]) + GB * B * (v[3] - v[4]);
  f[2] = GA * A2 * sum1 + GB * B2 * sum2 + v[5];
}

// Pictures as tiles see them: the tile at (row, column) begins `padTop` above its first output.
struct Pictures {
  const float* data;
  int64_t height, width, channels, padTop, padLeft;
};

struct Tiling {
  int64_t down, across, count;
};

inline Tiling tiling(int64_t batch, int64_t height, int64_t width) {
  const int64_t down = (height + TILE - 1) / TILE, across = (width + TILE - 1) / TILE;
  return {down, across, batch * down * across};
}

// Where the pixels of a tile lie: `zeros`, a row of them, where a pixel is none of the picture.
template <int SIDE>
TFJS_CNN_BOTH void findPixels(const Pictures& p, const Tiling& tiles, int64_t tile, const float* zeros, const float* (&pixels)[SIDE * SIDE]) {
  const int64_t picture = tile / (tiles.down * tiles.across), within = tile % (tiles.down * tiles.across);
  const int64_t top = within / tiles.across * TILE - p.padTop, left = within % tiles.across * TILE - p.padLeft;
  const float* first = p.data + picture * p.height * p.width * p.channels;
  for (int y = 0; y < SIDE; y++) {
    const bool inside = top + y >= 0 && top + y < p.height;
    for (int x = 0; x < SIDE; x++) {
      const bool seen = inside && left + x >= 0 && left + x < p.width;
      pixels[y * SIDE + x] = seen ? first + ((top + y) * p.width + left + x) * p.channels : zeros;
    }
  }
}

// BT x B of one tile of 6x6 pixels: 36 rows of channels, `pitch` apart, zeros up to a whole ROW.
template <int W>
TFJS_CNN_BOTH void transformInput(const float* const (&pixels)[36], int64_t channels, float* to, int64_t pitch) {
  for (int64_t c = 0; c < roundUp(channels, ROW); c += W) {
    Floats<W> half[6][6];
    for (int y = 0; y < 6; y++) {
      Floats<W> v[6];
#pragma GCC unroll 6
      for (int x = 0; x < 6; x++) v[x] = loadPart<W>(pixels[y * 6 + x] + c, channels - c);
      toPlaces<W>(v);
#pragma GCC unroll 6
      for (int x = 0; x < 6; x++) half[x][y] = v[x];
    }
    for (int x = 0; x < 6; x++) {
      Floats<W> v[6];
#pragma GCC unroll 6
      for (int y = 0; y < 6; y++) v[y] = half[x][y];
      toPlaces<W>(v);
#pragma GCC unroll 6
      for (int y = 0; y < 6; y++) store<W>(to + (y * 6 + x) * pitch + c, v[y]);
    }
  }
}

// A dy AT of one tile of 4x4 pixels, likewise.
template <int W>
TFJS_CNN_BOTH void transformGradient(const float* const (&pixels)[16], int64_t channels, float* to, int64_t pitch) {
  for (int64_t c = 0; c < roundUp(channels, ROW); c += W) {
    Floats<W> half[6][4];
    for (int y = 0; y < 4; y++) {
      Floats<W> pixel[4], v[6];
#pragma GCC unroll 4
      for (int x = 0; x < 4; x++) pixel[x] = loadPart<W>(pixels[y * 4 + x] + c, channels - c);
      fromPixels<W>(pixel, v);
#pragma GCC unroll 6
      for (int x = 0; x < 6; x++) half[x][y] = v[x];
    }
    for (int x = 0; x < 6; x++) {
      Floats<W> pixel[4], v[6];
#pragma GCC unroll 4
      for (int y = 0; y < 4; y++) pixel[y] = half[x][y];
      fromPixels<W>(pixel, v);
#pragma GCC unroll 6
      for (int y = 0; y < 6; y++) store<W>(to + (y * 6 + x) * pitch + c, v[y]);
    }
  }
}

}  // namespace winograd
}  // namespace tfjs_cnn
