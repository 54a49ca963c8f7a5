// The backward pass of batch normalisation with the batch's own statistics and maybe a relu behind it, in two passes over x and dy.
// With dz = dy where y > 0 (without relu everywhere): dbeta = sum dz, dgamma = sum dz (x - mean) / deviation,
// dx = gamma / deviation (dz - dbeta / rows - (x - mean) sum dz (x - mean) / (variance + epsilon) / rows).
#include "native.h"

#include <algorithm>
#include <vector>

#include "../../backends/tensorflow/native/op.h"
#include "../../backends/tensorflow/native/parallel.h"
#include "native-lines.h"

namespace tfjs_cnn {
namespace {

struct Parameters {
  std::vector<float> mean, maskScale, maskOffset, scale, meanDz, slope;
};

// Adds dz and dz (x - mean) of the numbers [begin, end), line by line.
TFJS_CNN_WIDE void addLines(const float* dy, const float* x, int64_t begin, int64_t end, int64_t width, const float* mean,
                            const float* scale, const float* offset, float* sum, float* weighted) {
  for (int64_t line = begin; line < end; line += width) {
    const int64_t count = std::min(width, end - line);
    TFJS_CNN_EACH
    for (int64_t i = 0; i < count; i++) {
      const float centred = x[line + i] - mean[i];
      const float dz = beforeRelu(dy[line + i], centred, scale[i], offset[i]);
      sum[i] += dz;
      weighted[i] += dz * centred;
    }
  }
}

TFJS_CNN_WIDE void dxLines(const float* dy, const float* x, int64_t begin, int64_t end, int64_t width, const float* mean,
                           const float* maskScale, const float* maskOffset, const float* scale, const float* meanDz,
                           const float* slope, float* dx) {
  for (int64_t line = begin; line < end; line += width) {
    const int64_t count = std::min(width, end - line);
    TFJS_CNN_EACH
    for (int64_t i = 0; i < count; i++) {
      const float centred = x[line + i] - mean[i];
      const float dz = beforeRelu(dy[line + i], centred, maskScale[i], maskOffset[i]);
      dx[line + i] = dxOf(dz, centred, scale[i], meanDz[i], slope[i]);
    }
  }
}

// The sums of one piece: 2 * width doubles.
void sumPiece(const BatchNormGrad& call, const Lines& lines, const Parameters& p, int64_t piece, double* sums) {
  const int64_t width = lines.width;
  std::vector<float> block(2 * width);
  float* sum = block.data();
  float* weighted = sum + width;
  const int64_t end = lines.end(piece);
  for (int64_t begin = lines.begin(piece); begin < end; begin += BLOCK * width) {
    std::fill(block.begin(), block.end(), 0.0f);
    addLines(call.dy, call.x, begin, std::min(end, begin + BLOCK * width), width, p.mean.data(), p.maskScale.data(),
             p.maskOffset.data(), sum, weighted);
    for (int64_t i = 0; i < 2 * width; i++) sums[i] += block[i];
  }
}

void onCpu(const BatchNormGrad& call) {
  const Lines lines(call.rows, call.channels);
  const int64_t width = lines.width;
  const int64_t channels = call.channels;
  Parameters p;
  for (auto* line : {&p.mean, &p.maskScale, &p.maskOffset, &p.scale, &p.meanDz, &p.slope}) line->resize(width);
  for (int64_t i = 0; i < width; i++) {
    const int64_t c = i % channels;
    p.mean[i] = call.mean[c];
    p.maskScale[i] = maskScale(call.gamma ? call.gamma[c] : 1.0f, call.variance[c], call.epsilon, call.relu);
    p.maskOffset[i] = maskOffset(call.beta ? call.beta[c] : 0.0f, call.relu);
  }
  std::vector<double> sums(lines.pieces * 2 * width);
  parallel(lines.pieces, [&](int64_t piece) { sumPiece(call, lines, p, piece, &sums[piece * 2 * width]); });
  std::vector<double> totals(2 * channels);
  for (int64_t piece = 0; piece < lines.pieces; piece++) {
    const double* of = &sums[piece * 2 * width];
    for (int64_t i = 0; i < width; i++) {
      totals[i % channels] += of[i];
      totals[channels + i % channels] += of[width + i];
    }
  }
  for (int64_t i = 0; i < width; i++) {
    const int64_t c = i % channels;
    const ChannelGradient gradient = channelGradient(totals[c], totals[channels + c], call.gamma ? call.gamma[c] : 1.0f,
                                                     call.variance[c], call.epsilon, static_cast<double>(call.rows));
    p.scale[i] = gradient.scale;
    p.meanDz[i] = gradient.meanDz;
    p.slope[i] = gradient.slope;
    call.dgamma[c] = gradient.dgamma;
    call.dbeta[c] = gradient.dbeta;
  }
  parallel(lines.pieces, [&](int64_t piece) {
    dxLines(call.dy, call.x, lines.begin(piece), lines.end(piece), width, p.mean.data(), p.maskScale.data(), p.maskOffset.data(),
            p.scale.data(), p.meanDz.data(), p.slope.data(), call.dx);
  });
}

// Inputs: dy, x [..., channels]; mean, variance and, as the attributes say, gamma, beta [channels].
class BatchNormGradOp {
 public:
  static constexpr const char* name = "TfjsCnnBatchNormGrad";

  static void define(Definition& definition) {
    definition.attribute("epsilon: float").attribute("relu: bool").attribute("scaled: bool").attribute("shifted: bool");
    definition.attribute("N: int >= 2");
    definition.input("dy: float").input("x: float").input("vectors: N * float");
    definition.output("dx: float").output("dgamma: float").output("dbeta: float");
  }

  explicit BatchNormGradOp(const Attributes& attributes)
      : epsilon_(attributes.number("epsilon")),
        relu_(attributes.flag("relu")),
        scaled_(attributes.flag("scaled")),
        shifted_(attributes.flag("shifted")) {}

  void compute(Call& call) const {
    const int vectors = 2 + scaled_ + shifted_;
    if (call.inputs() != 2 + vectors) {
      call.fail("vectors must be mean, variance" + std::string(scaled_ ? ", gamma" : "") + (shifted_ ? ", beta" : "") + ", got " +
                std::to_string(call.inputs() - 2));
    }
    const Tensor& dy = call.input(0);
    const Tensor& x = call.input(1);
    if (x.shape.empty() || x.size == 0) call.fail("x must have a last dimension of channels and not be empty, got " + shown(x.shape));
    call.expectShape("dy", dy, x.shape);
    const Shape vector{x.shape.back()};
    const char* names[] = {"mean", "variance", scaled_ ? "gamma" : "beta", "beta"};
    for (int i = 0; i < vectors; i++) call.expectShape(names[i], call.input(2 + i), vector);
    const float* gamma = scaled_ ? call.input(4).data : nullptr;
    const float* beta = shifted_ ? call.input(4 + scaled_).data : nullptr;
    const Tensor dx = call.output(0, x.shape, 0);
    const Tensor dgamma = call.output(1, vector);
    const Tensor dbeta = call.output(2, vector);
    const BatchNormGrad gradient{dy.data, x.data,      call.input(2).data, call.input(3).data,   gamma,     beta,    dx.data,
                                 dgamma.data, dbeta.data, x.size / vector[0], vector[0],          epsilon_,  relu_};
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) {
      const Tensor scratch = call.temporary({batchNormGradScratch(gradient.rows, gradient.channels)});
      return batchNormGradOnGpu(gradient, scratch.data, call.stream());
    }
#endif
    onCpu(gradient);
  }

 private:
  const float epsilon_;
  const bool relu_, scaled_, shifted_;
};

const Registration<BatchNormGradOp> registration;

}  // namespace
}  // namespace tfjs_cnn
