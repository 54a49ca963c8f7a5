// Rows of a picture with pads around them, as the windows of a convolution see them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tfjs_cnn {
namespace direct {

// What windows see of pictures: the first one begins `padTop` above and `padLeft` before the first pixel, or behind it where these
// are below 0.
struct View {
  const float* data;
  int64_t height, width, channels, padTop, padLeft;
  // Columns that windows see.
  int64_t seen;
};

// Floats that kernels may read behind a frame.
constexpr int64_t SLACK = 16;

// Copies rows `first` to first + rows, as counted from the first window's, of one picture; zeros where there is no pixel.
inline void copyFrame(const View& view, int64_t picture, int64_t first, int64_t rows, float* to) {
  const int64_t c = view.channels, left = std::clamp<int64_t>(view.padLeft, 0, view.seen);
  const int64_t skipped = std::max<int64_t>(0, -view.padLeft);
  const int64_t pixels = std::clamp<int64_t>(view.width - skipped, 0, view.seen - left);
  const float* from = view.data + picture * view.height * view.width * c;
  for (int64_t y = first - view.padTop; y < first - view.padTop + rows; y++, to += view.seen * c) {
    if (y < 0 || y >= view.height) {
      std::fill(to, to + view.seen * c, 0.0f);
      continue;
    }
    const float* row = from + (y * view.width + skipped) * c;
    std::fill(to, to + left * c, 0.0f);
    std::copy(row, row + pixels * c, to + left * c);
    std::fill(to + (left + pixels) * c, to + view.seen * c, 0.0f);
  }
  std::fill(to, to + SLACK, 0.0f);
}

}  // namespace direct
}  // namespace tfjs_cnn
