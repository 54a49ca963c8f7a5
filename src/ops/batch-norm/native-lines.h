// How [rows, channels] is cut on a CPU: lines that are a vector wide at least, blocks of lines that are added in float, pieces.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tfjs_cnn {

// Numbers that one piece of the work takes: they stay in a core's cache.
constexpr int64_t GRAIN = 1 << 15;
// Lines that are added in float before their sums go into double.
constexpr int64_t BLOCK = 32;
// Fewer channels than this are taken as several rows side by side, so that vectors are full.
constexpr int64_t LANES = 64;

// [rows, channels] as lines of `width` numbers, the last one maybe shorter. What belongs to a channel repeats along a line.
struct Lines {
  int64_t width, total, perPiece, pieces;

  Lines(int64_t rows, int64_t channels)
      : width(channels * std::max<int64_t>(1, LANES / channels)),
        total(rows * channels),
        perPiece(std::max<int64_t>(1, GRAIN / width) * width),
        pieces((total + perPiece - 1) / perPiece) {}

  int64_t begin(int64_t piece) const { return piece * perPiece; }
  int64_t end(int64_t piece) const { return std::min(total, begin(piece) + perPiece); }
};

}  // namespace tfjs_cnn
