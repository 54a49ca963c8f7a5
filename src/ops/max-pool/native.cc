// Max pooling and its gradient on the CPU, one pass each: TensorFlow's own pass over NaN, take the least finite number for -Infinity,
// and are slow where there are few channels.
#include <algorithm>
#include <cmath>
#include <vector>

#include "../../backends/tensorflow/native/op.h"
#include "../../backends/tensorflow/native/parallel.h"
#include "../../backends/tensorflow/native/shared.h"

namespace tfjs_cnn {
namespace {

// Outputs that one piece of the work has at least.
constexpr int64_t GRAIN = 1 << 13;

// What the windows see along one axis: of each the first pixel, and how many.
struct Span {
  int64_t first, count;
};

std::vector<Span> spans(int64_t out, int64_t stride, int64_t pad, int64_t filter, int64_t dilation, int64_t size) {
  std::vector<Span> all(out);
  for (int64_t o = 0; o < out; o++) {
    const int64_t start = o * stride - pad;
    const int64_t skipped = start < 0 ? (dilation - 1 - start) / dilation : 0;
    const int64_t end = std::min(filter, (size - start + dilation - 1) / dilation);
    all[o] = {start + skipped * dilation, std::max<int64_t>(0, end - skipped)};
  }
  return all;
}

struct Window {
  int64_t height, width, channels, outHeight, outWidth;
  int64_t filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft;
  std::vector<Span> rows, columns;
};

// The pixels of the picture that one window sees: rows and columns of them, and where in x they begin.
struct Seen {
  int64_t first, rows, columns, rowStep, columnStep;
};

TFJS_CNN_BOTH Seen seenBy(const Window& w, const Span& rows, const Span& columns) {
  const int64_t rowSize = w.width * w.channels;
  return {rows.first * rowSize + columns.first * w.channels, rows.count, columns.count, w.dilationHeight * rowSize,
          w.dilationWidth * w.channels};
}

// N channels, in registers side by side: vectors that every processor has. The compiler takes wider ones apart before it knows for
// which processor it compiles.
template <int N>
struct Lanes {
  static constexpr int width = N < 4 ? N : 4, count = N / width;
  typedef float Floats __attribute__((vector_size(4 * width), aligned(4), may_alias));
};

// N channels of one window: the largest, NaN before all.
template <int N>
TFJS_CNN_BOTH void poolChannels(const Seen& seen, const float* x, float* y) {
  using L = Lanes<N>;
  using Floats = typename L::Floats;
  Floats most[L::count];
  for (Floats& each : most) each = Floats{} - INFINITY;
  const float* row = x + seen.first;
  for (int64_t ky = 0; ky < seen.rows; ky++, row += seen.rowStep) {
    const float* at = row;
    for (int64_t kx = 0; kx < seen.columns; kx++, at += seen.columnStep) {
      for (int i = 0; i < L::count; i++) {
        const Floats v = reinterpret_cast<const Floats*>(at)[i];
        most[i] = (v > most[i]) | (v != v) ? v : most[i];
      }
    }
  }
  for (int i = 0; i < L::count; i++) reinterpret_cast<Floats*>(y)[i] = most[i];
}

// The same backwards: the first x that is the maximum takes dy, and leaves nothing for the next.
template <int N>
TFJS_CNN_BOTH void poolChannelsBack(const Seen& seen, const float* dy, const float* x, const float* y, float* dx) {
  using L = Lanes<N>;
  using Floats = typename L::Floats;
  const Floats none = {};
  Floats most[L::count], rest[L::count];
  for (int i = 0; i < L::count; i++) {
    most[i] = reinterpret_cast<const Floats*>(y)[i];
    rest[i] = reinterpret_cast<const Floats*>(dy)[i];
  }
  const float* row = x + seen.first;
  float* rowBack = dx + seen.first;
  for (int64_t ky = 0; ky < seen.rows; ky++, row += seen.rowStep, rowBack += seen.rowStep) {
    const float* at = row;
    float* back = rowBack;
    for (int64_t kx = 0; kx < seen.columns; kx++, at += seen.columnStep, back += seen.columnStep) {
      for (int i = 0; i < L::count; i++) {
        const Floats v = reinterpret_cast<const Floats*>(at)[i];
        const auto hit = (v == most[i]) | ((v != v) & (most[i] != most[i]));
        reinterpret_cast<Floats*>(back)[i] += hit ? rest[i] : none;
        rest[i] = hit ? none : rest[i];
      }
    }
  }
}

TFJS_CNN_WIDE void poolPicture(const Window& w, const float* x, float* y) {
  for (int64_t oy = 0; oy < w.outHeight; oy++) {
    for (int64_t ox = 0; ox < w.outWidth; ox++, y += w.channels) {
      const Seen seen = seenBy(w, w.rows[oy], w.columns[ox]);
      int64_t c = 0;
      for (; c + 16 <= w.channels; c += 16) poolChannels<16>(seen, x + c, y + c);
      for (; c + 4 <= w.channels; c += 4) poolChannels<4>(seen, x + c, y + c);
      for (; c + 2 <= w.channels; c += 2) poolChannels<2>(seen, x + c, y + c);
      for (; c < w.channels; c++) poolChannels<1>(seen, x + c, y + c);
    }
  }
}

TFJS_CNN_WIDE void poolPictureBack(const Window& w, const float* dy, const float* x, const float* y, float* dx) {
  std::fill(dx, dx + w.height * w.width * w.channels, 0.0f);
  for (int64_t oy = 0; oy < w.outHeight; oy++) {
    for (int64_t ox = 0; ox < w.outWidth; ox++, y += w.channels, dy += w.channels) {
      const Seen seen = seenBy(w, w.rows[oy], w.columns[ox]);
      int64_t c = 0;
      for (; c + 16 <= w.channels; c += 16) poolChannelsBack<16>(seen, dy + c, x + c, y + c, dx + c);
      for (; c + 4 <= w.channels; c += 4) poolChannelsBack<4>(seen, dy + c, x + c, y + c, dx + c);
      for (; c + 2 <= w.channels; c += 2) poolChannelsBack<2>(seen, dy + c, x + c, y + c, dx + c);
      for (; c < w.channels; c++) poolChannelsBack<1>(seen, dy + c, x + c, y + c, dx + c);
    }
  }
}

// What both directions declare and check alike.
class PoolOp {
 public:
  explicit PoolOp(const Attributes& attributes) {
    const char* names[] = {"out_height",   "out_width",       "filter_height",  "filter_width", "stride_height",
                           "stride_width", "dilation_height", "dilation_width", "pad_top",      "pad_left"};
    int64_t* values[] = {&window_.outHeight,   &window_.outWidth,       &window_.filterHeight,  &window_.filterWidth, &window_.strideHeight,
                         &window_.strideWidth, &window_.dilationHeight, &window_.dilationWidth, &window_.padTop,      &window_.padLeft};
    for (int i = 0; i < 10; i++) *values[i] = attributes.integer(names[i]);
  }

 protected:
  static void defineAttributes(Definition& definition) {
    for (const char* spec : {"out_height: int", "out_width: int", "filter_height: int", "filter_width: int", "stride_height: int",
                             "stride_width: int", "dilation_height: int", "dilation_width: int", "pad_top: int", "pad_left: int"}) {
      definition.attribute(spec);
    }
  }

  Window windowOver(const Call& call, const Tensor& x) const {
    if (call.gpu()) call.fail("runs on the CPU only");
    if (x.shape.size() != 4) call.fail("x must have shape [batch, height, width, channels], got " + shown(x.shape));
    Window window = window_;
    window.height = x.shape[1];
    window.width = x.shape[2];
    window.channels = x.shape[3];
    window.rows = spans(window.outHeight, window.strideHeight, window.padTop, window.filterHeight, window.dilationHeight, window.height);
    window.columns = spans(window.outWidth, window.strideWidth, window.padLeft, window.filterWidth, window.dilationWidth, window.width);
    return window;
  }

  static Shape outputShape(const Window& w, int64_t batch) { return {batch, w.outHeight, w.outWidth, w.channels}; }

  // Calls work(picture) for all pictures.
  template <typename Work>
  static void forEachPicture(const Window& w, int64_t batch, const Work& work) {
    const int64_t outputs = std::max<int64_t>(1, w.outHeight * w.outWidth * w.channels);
    const int64_t pictures = std::max<int64_t>(1, GRAIN / outputs);
    parallel((batch + pictures - 1) / pictures, [&](int64_t piece) {
      const int64_t end = std::min(batch, (piece + 1) * pictures);
      for (int64_t b = piece * pictures; b < end; b++) work(b);
    });
  }

 private:
  Window window_{};
};

class MaxPoolOp : public PoolOp {
 public:
  static constexpr const char* name = "TfjsCnnMaxPool";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.input("x: float").output("y: float");
  }

  using PoolOp::PoolOp;

  void compute(Call& call) const {
    const Tensor x = call.input(0);
    const Window w = windowOver(call, x);
    const int64_t batch = x.shape[0];
    const Tensor y = call.output(0, outputShape(w, batch));
    const int64_t in = w.height * w.width * w.channels, out = w.outHeight * w.outWidth * w.channels;
    forEachPicture(w, batch, [&](int64_t b) { poolPicture(w, x.data + b * in, y.data + b * out); });
  }
};

class MaxPoolGradOp : public PoolOp {
 public:
  static constexpr const char* name = "TfjsCnnMaxPoolGrad";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.input("dy: float").input("x: float").input("y: float").output("dx: float");
  }

  using PoolOp::PoolOp;

  void compute(Call& call) const {
    const Tensor x = call.input(1);
    const Window w = windowOver(call, x);
    const int64_t batch = x.shape[0];
    call.expectShape("dy", call.input(0), outputShape(w, batch));
    call.expectShape("y", call.input(2), outputShape(w, batch));
    const float* dy = call.input(0).data;
    const float* y = call.input(2).data;
    const Tensor dx = call.output(0, x.shape);
    const int64_t in = w.height * w.width * w.channels, out = w.outHeight * w.outWidth * w.channels;
    forEachPicture(w, batch, [&](int64_t b) { poolPictureBack(w, dy + b * out, x.data + b * in, y + b * out, dx.data + b * in); });
  }
};

const Registration<MaxPoolOp> forward;
const Registration<MaxPoolGradOp> backward;

}  // namespace
}  // namespace tfjs_cnn
