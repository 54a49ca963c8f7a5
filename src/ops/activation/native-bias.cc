// The gradient of a bias on the CPU: the sum of dy over everything but channels. TensorFlow's is slow where there are few of them.
#include <algorithm>
#include <vector>

#include "../../backends/tensorflow/native/lanes.h"
#include "../../backends/tensorflow/native/op.h"

namespace tfjs_cnn {
namespace {

struct Job {
  const float* dy;
  int64_t rows, channels;
  // [pieces, channels]
  float* sums;
};

// Rows of a piece; sums of pieces are added in double precision.
constexpr int64_t ROWS = 1024;

template <int W>
TFJS_CNN_BOTH void sumColumns(const Job& job, int64_t piece) {
  const int64_t first = piece * ROWS, end = std::min(job.rows, first + ROWS);
  // The last rows have no numbers behind them that could be read.
  const int64_t whole = std::max(first, std::min(end, job.rows - (W + job.channels - 1) / job.channels));
  for (int64_t c = 0; c < job.channels; c += W) {
    const float* at = job.dy + c;
    Floats<W> sums[4] = {};
    int64_t row = first;
    for (; row + 4 <= whole; row += 4) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) sums[i] += load<W>(at + (row + i) * job.channels);
    }
    for (; row < end; row++) sums[0] += loadPart<W>(at + row * job.channels, job.channels - c);
    const Floats<W> sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    storePart<W>(job.sums + piece * job.channels + c, sum, job.channels - c);
  }
}

TFJS_CNN_VERSIONS(summingColumns, sumColumns, Job)

class BiasGradOp {
 public:
  static constexpr const char* name = "TfjsCnnBiasGrad";

  static void define(Definition& definition) { definition.input("dy: float").output("dbias: float"); }

  explicit BiasGradOp(const Attributes&) {}

  void compute(Call& call) const {
    if (call.gpu()) call.fail("runs on the CPU only");
    const Tensor dy = call.input(0);
    if (dy.shape.empty() || dy.shape.back() == 0) call.fail("dy must have channels, got " + shown(dy.shape));
    const int64_t channels = dy.shape.back(), rows = dy.size / channels, pieces = (rows + ROWS - 1) / ROWS;
    std::vector<float> sums(pieces * channels);
    const Job job{dy.data, rows, channels, sums.data()};
    forPieces(pieces, job, summingColumns(lanes()));
    const Tensor dbias = call.output(0, {channels});
    for (int64_t c = 0; c < channels; c++) {
      double sum = 0;
      for (int64_t piece = 0; piece < pieces; piece++) sum += sums[piece * channels + c];
      dbias.data[c] = static_cast<float>(sum);
    }
  }
};

const Registration<BiasGradOp> biasGrad;

}  // namespace
}  // namespace tfjs_cnn
