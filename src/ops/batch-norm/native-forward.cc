// Batch normalisation with the batch's own statistics and maybe a relu behind it, in two passes over x: each piece's mean and squares
// around it, while the piece is in a core's cache; then y.
#include <vector>

#include "../../backends/tensorflow/native/op.h"
#include "../../backends/tensorflow/native/parallel.h"
#include "native-lines.h"
#include "native.h"

namespace tfjs_cnn {
namespace {

// Adds the numbers [begin, end) line by line, several lines at a time: sums are fetched and put back once for all of them.
TFJS_CNN_WIDE void addLines(const float* x, int64_t begin, int64_t end, int64_t width, float* sum) {
  int64_t line = begin;
  for (; line + 4 * width <= end; line += 4 * width) {
    const float *a = x + line, *b = a + width, *c = b + width, *d = c + width;
    TFJS_CNN_EACH
    for (int64_t i = 0; i < width; i++) sum[i] += (a[i] + b[i]) + (c[i] + d[i]);
  }
  for (; line < end; line += width) {
    const int64_t count = std::min(width, end - line);
    TFJS_CNN_EACH
    for (int64_t i = 0; i < count; i++) sum[i] += x[line + i];
  }
}

// The same around a pivot, and squares.
TFJS_CNN_WIDE void addCentredLines(const float* x, int64_t begin, int64_t end, int64_t width, const float* pivot, float* sum,
                                   float* squares) {
  int64_t line = begin;
  for (; line + 4 * width <= end; line += 4 * width) {
    const float *first = x + line, *second = first + width, *third = second + width, *fourth = third + width;
    TFJS_CNN_EACH
    for (int64_t i = 0; i < width; i++) {
      const float a = first[i] - pivot[i], b = second[i] - pivot[i], c = third[i] - pivot[i], d = fourth[i] - pivot[i];
      sum[i] += (a + b) + (c + d);
      squares[i] += (a * a + b * b) + (c * c + d * d);
    }
  }
  for (; line < end; line += width) {
    const int64_t count = std::min(width, end - line);
    TFJS_CNN_EACH
    for (int64_t i = 0; i < count; i++) {
      const float centred = x[line + i] - pivot[i];
      sum[i] += centred;
      squares[i] += centred * centred;
    }
  }
}

TFJS_CNN_WIDE void normalLines(const float* x, int64_t begin, int64_t end, int64_t width, const float* mean, const float* scale,
                               const float* offset, bool relu, float* y) {
  for (int64_t line = begin; line < end; line += width) {
    const int64_t count = std::min(width, end - line);
    TFJS_CNN_EACH
    for (int64_t i = 0; i < count; i++) y[line + i] = normal(x[line + i] - mean[i], scale[i], offset[i], relu);
  }
}

// Sums over the lines of a piece, block by block, folded to channels.
template <typename Add>
std::vector<double> channelSums(const Lines& lines, int64_t channels, int64_t piece, int64_t kinds, const Add& add) {
  const int64_t width = lines.width, end = lines.end(piece);
  std::vector<float> block(kinds * width);
  std::vector<double> wide(kinds * width), sums(kinds * channels);
  for (int64_t begin = lines.begin(piece); begin < end; begin += BLOCK * width) {
    std::fill(block.begin(), block.end(), 0.0f);
    add(begin, std::min(end, begin + BLOCK * width), block.data());
    for (int64_t i = 0; i < kinds * width; i++) wide[i] += block[i];
  }
  for (int64_t kind = 0; kind < kinds; kind++) {
    for (int64_t i = 0; i < width; i++) sums[kind * channels + i % channels] += wide[kind * width + i];
  }
  return sums;
}

// The moments of every channel of a piece.
void momentsOf(const BatchNorm& call, const Lines& lines, int64_t piece, Moments* moments) {
  const int64_t channels = call.channels, width = lines.width;
  const double count = static_cast<double>((lines.end(piece) - lines.begin(piece)) / channels);
  const auto sums = channelSums(lines, channels, piece, 1, [&](int64_t begin, int64_t end, float* sum) {
    addLines(call.x, begin, end, width, sum);
  });
  std::vector<float> pivot(width);
  for (int64_t i = 0; i < width; i++) pivot[i] = static_cast<float>(sums[i % channels] / count);
  const auto centred = channelSums(lines, channels, piece, 2, [&](int64_t begin, int64_t end, float* sum) {
    addCentredLines(call.x, begin, end, width, pivot.data(), sum, sum + width);
  });
  for (int64_t c = 0; c < channels; c++) moments[c] = around(pivot[c], count, centred[c], centred[channels + c]);
}

void onCpu(const BatchNorm& call) {
  const Lines lines(call.rows, call.channels);
  const int64_t channels = call.channels, width = lines.width;
  std::vector<Moments> moments(lines.pieces * channels);
  parallel(lines.pieces, [&](int64_t piece) { momentsOf(call, lines, piece, &moments[piece * channels]); });
  std::vector<float> mean(width), scale(width), offset(width);
  for (int64_t c = 0; c < channels; c++) {
    Moments all = moments[c];
    for (int64_t piece = 1; piece < lines.pieces; piece++) all = joined(all, moments[piece * channels + c]);
    writeStatistics(call, c, all);
  }
  for (int64_t i = 0; i < width; i++) {
    const int64_t c = i % channels;
    mean[i] = call.mean[c];
    scale[i] = scaleOf(call.gamma ? call.gamma[c] : 1.0f, call.variance[c], call.epsilon);
    offset[i] = call.beta ? call.beta[c] : 0.0f;
  }
  parallel(lines.pieces, [&](int64_t piece) {
    normalLines(call.x, lines.begin(piece), lines.end(piece), width, mean.data(), scale.data(), offset.data(), call.relu, call.y);
  });
}

// Inputs: x [..., channels]; then, as the attributes say, gamma, beta, running mean, running variance [channels].
class BatchNormOp {
 public:
  static constexpr const char* name = "TfjsCnnBatchNorm";

  static void define(Definition& definition) {
    definition.attribute("epsilon: float").attribute("momentum: float").attribute("unbiased: bool").attribute("relu: bool");
    definition.attribute("scaled: bool").attribute("shifted: bool").attribute("mean_runs: bool").attribute("variance_runs: bool");
    definition.attribute("N: int >= 0");
    definition.input("x: float").input("vectors: N * float");
    definition.output("y: float").output("mean: float").output("variance: float");
    definition.output("new_mean: float").output("new_variance: float");
  }

  explicit BatchNormOp(const Attributes& attributes)
      : epsilon_(attributes.number("epsilon")),
        momentum_(attributes.number("momentum")),
        unbiased_(attributes.flag("unbiased")),
        relu_(attributes.flag("relu")) {
    for (const char* name : {"scaled", "shifted", "mean_runs", "variance_runs"}) given_.push_back(attributes.flag(name));
  }

  void compute(Call& call) const {
    const Tensor& x = call.input(0);
    if (x.shape.empty() || x.size == 0) call.fail("x must have a last dimension of channels and not be empty, got " + shown(x.shape));
    const Shape vector{x.shape.back()};
    const char* names[] = {"gamma", "beta", "running mean", "running variance"};
    const float* vectors[4] = {};
    int next = 1;
    for (int i = 0; i < 4; i++) {
      if (!given_[i]) continue;
      if (next == call.inputs()) call.fail(std::string(names[i]) + " must be given, as the attributes say");
      call.expectShape(names[i], call.input(next), vector);
      vectors[i] = call.input(next++).data;
    }
    if (next != call.inputs()) call.fail("vectors must be " + std::to_string(next - 1) + ", got " + std::to_string(call.inputs() - 1));
    const Tensor y = call.output(0, x.shape);
    float* statistics[4];
    for (int i = 0; i < 4; i++) statistics[i] = call.output(1 + i, vector).data;
    const BatchNorm forward{x.data,        vectors[0],    vectors[1],    vectors[2],    vectors[3],          y.data,
                            statistics[0], statistics[1], statistics[2], statistics[3], x.size / vector[0], vector[0],
                            epsilon_,      momentum_,     unbiased_,     relu_};
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) {
      const Tensor scratch = call.temporary({batchNormScratch(forward.rows, forward.channels)});
      return batchNormOnGpu(forward, scratch.data, call.stream());
    }
#endif
    onCpu(forward);
  }

 private:
  const float epsilon_, momentum_;
  const bool unbiased_, relu_;
  std::vector<bool> given_;
};

const Registration<BatchNormOp> registration;

}  // namespace
}  // namespace tfjs_cnn
