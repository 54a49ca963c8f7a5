// Max pooling and its gradient on the CPU, one pass each: TensorFlow's own pass over NaN, take the least finite number for -Infinity,
// and are slow where there are few channels.
#include <algorithm>
#include <cmath>
#include <vector>

#include "../../backends/tensorflow/native/lanes.h"
#include "../../backends/tensorflow/native/op.h"

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

// N channels of one window: the first of the largest, or the first NaN.
template <int N>
TFJS_CNN_BOTH void poolChannels(const Seen& seen, const float* x, float* y) {
  Floats<N> most = {};
  most -= INFINITY;
  Bits<N> nan = {};
  const float* row = x + seen.first;
  for (int64_t ky = 0; ky < seen.rows; ky++, row += seen.rowStep) {
    const float* at = row;
    for (int64_t kx = 0; kx < seen.columns; kx++, at += seen.columnStep) {
      const Floats<N> v = load<N>(at);
      const Bits<N> another = isNan<N>(v);
      // The sign of infinity - infinity says nothing, nor does it matter which of them stays.
      const Bits<N> taken = (signs<N>(bitsOf<N>(most - v)) | another) & ~nan;
      most = reinterpret_cast<Floats<N>>((bitsOf<N>(v) & taken) | (bitsOf<N>(most) & ~taken));
      nan |= another;
    }
  }
  store<N>(y, most);
}

// The same backwards: the first x that is what was taken gets dy, and leaves nothing for the next.
template <int N>
TFJS_CNN_BOTH void poolChannelsBack(const Seen& seen, const float* dy, const float* x, const float* y, float* dx) {
  const Floats<N> most = load<N>(y);
  Floats<N> rest = load<N>(dy);
  const float* row = x + seen.first;
  float* rowBack = dx + seen.first;
  for (int64_t ky = 0; ky < seen.rows; ky++, row += seen.rowStep, rowBack += seen.rowStep) {
    const float* at = row;
    float* back = rowBack;
    for (int64_t kx = 0; kx < seen.columns; kx++, at += seen.columnStep, back += seen.columnStep) {
      const Bits<N> hit = isSame<N>(load<N>(at), most);
      store<N>(back, load<N>(back) + masked<N>(rest, hit));
      rest = masked<N>(rest, ~hit);
    }
  }
}

// Pictures that pieces of the work take together. Forward dy and dx are null.
struct Job {
  Window w;
  int64_t batch, picturesOfAPiece;
  const float *dy, *x;
  float *y, *dx;

  int64_t inSize() const { return w.height * w.width * w.channels; }
  int64_t outSize() const { return w.outHeight * w.outWidth * w.channels; }
};

template <int W>
TFJS_CNN_BOTH void poolPictures(const Job& job, int64_t piece) {
  const Window& w = job.w;
  const int64_t first = piece * job.picturesOfAPiece, end = std::min(job.batch, first + job.picturesOfAPiece);
  float* y = job.y + first * job.outSize();
  for (int64_t picture = first; picture < end; picture++) {
    const float* x = job.x + picture * job.inSize();
    for (int64_t oy = 0; oy < w.outHeight; oy++) {
      for (int64_t ox = 0; ox < w.outWidth; ox++, y += w.channels) {
        const Seen seen = seenBy(w, w.rows[oy], w.columns[ox]);
        int64_t c = 0;
        for (; c + W <= w.channels; c += W) poolChannels<W>(seen, x + c, y + c);
        for (; c + 4 <= w.channels; c += 4) poolChannels<4>(seen, x + c, y + c);
        for (; c + 2 <= w.channels; c += 2) poolChannels<2>(seen, x + c, y + c);
        for (; c < w.channels; c++) poolChannels<1>(seen, x + c, y + c);
      }
    }
  }
}

template <int W>
TFJS_CNN_BOTH void poolPicturesBack(const Job& job, int64_t piece) {
  const Window& w = job.w;
  const int64_t first = piece * job.picturesOfAPiece, end = std::min(job.batch, first + job.picturesOfAPiece);
  const float *dy = job.dy + first * job.outSize(), *y = job.y + first * job.outSize();
  for (int64_t picture = first; picture < end; picture++) {
    const float* x = job.x + picture * job.inSize();
    float* dx = job.dx + picture * job.inSize();
    std::fill(dx, dx + job.inSize(), 0.0f);
    for (int64_t oy = 0; oy < w.outHeight; oy++) {
      for (int64_t ox = 0; ox < w.outWidth; ox++, y += w.channels, dy += w.channels) {
        const Seen seen = seenBy(w, w.rows[oy], w.columns[ox]);
        int64_t c = 0;
        for (; c + W <= w.channels; c += W) poolChannelsBack<W>(seen, dy + c, x + c, y + c, dx + c);
        for (; c + 4 <= w.channels; c += 4) poolChannelsBack<4>(seen, dy + c, x + c, y + c, dx + c);
        for (; c + 2 <= w.channels; c += 2) poolChannelsBack<2>(seen, dy + c, x + c, y + c, dx + c);
        for (; c < w.channels; c++) poolChannelsBack<1>(seen, dy + c, x + c, y + c, dx + c);
      }
    }
  }
}

TFJS_CNN_VERSIONS(pooling, poolPictures, Job)
TFJS_CNN_VERSIONS(poolingBack, poolPicturesBack, Job)

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

  static void run(Job job, Version<Job> kernel) {
    job.picturesOfAPiece = std::max<int64_t>(1, GRAIN / std::max<int64_t>(1, job.outSize()));
    forPieces((job.batch + job.picturesOfAPiece - 1) / job.picturesOfAPiece, job, kernel);
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
    run({w, batch, 0, nullptr, x.data, y.data, nullptr}, pooling(lanes()));
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
    const Tensor dy = call.input(0), y = call.input(2), dx = call.output(0, x.shape);
    run({w, batch, 0, dy.data, x.data, y.data, dx.data}, poolingBack(lanes()));
  }
};

const Registration<MaxPoolOp> forward;
const Registration<MaxPoolGradOp> backward;

}  // namespace
}  // namespace tfjs_cnn
