// Softmax and cross entropy in one, with label smoothing: forward (loss and probabilities) and backward, one op each.
// loss = -w sum q log p, dlogits = dy w (p sum(q) - q), with p the softmax, q the smoothed labels and w the row's weight.
#include "native.h"

#include <algorithm>
#include <vector>

#include "../../backends/tensorflow/native/op.h"
#include "../../backends/tensorflow/native/parallel.h"

namespace tfjs_cnn {
namespace {

// Numbers that one piece of the work takes.
constexpr int64_t GRAIN = 1 << 13;

// Calls work(row) for all rows.
template <typename Work>
void forEachRow(int64_t batch, int64_t classes, const Work& work) {
  const int64_t rows = std::max<int64_t>(1, GRAIN / classes);
  parallel((batch + rows - 1) / rows, [&](int64_t piece) {
    const int64_t end = std::min(batch, (piece + 1) * rows);
    for (int64_t row = piece * rows; row < end; row++) work(row);
  });
}

// Loss of a row, unweighed; writes its probabilities.
double rowLoss(const float* logits, const Labels& labels, int64_t row, float* probabilities) {
  const int64_t classes = labels.classes;
  const float* z = logits + row * classes;
  float* p = probabilities + row * classes;
  const float most = *std::max_element(z, z + classes);
  double sum = 0;
  for (int64_t c = 0; c < classes; c++) {
    p[c] = std::exp(z[c] - most);
    sum += p[c];
  }
  const float part = static_cast<float>(1 / sum);
  const float logSum = static_cast<float>(std::log(sum));
  double loss = 0;
  for (int64_t c = 0; c < classes; c++) {
    p[c] *= part;
    loss += lossTerm(labelOf(labels, row, c), logSum, z[c] - most);
  }
  return sum > 0 ? loss : NAN;
}

void onCpu(const SoftmaxCrossEntropy& call) {
  std::vector<double> rows(call.batch);
  forEachRow(call.batch, call.labels.classes, [&](int64_t row) {
    rows[row] = rowLoss(call.logits, call.labels, row, call.probabilities) * (call.weights ? call.weights[row] : 1.0f);
  });
  if (call.reduction == Reduction::none) {
    std::copy(rows.begin(), rows.end(), call.loss);
  } else {
    double sum = 0;
    for (double loss : rows) sum += loss;
    *call.loss = static_cast<float>(call.reduction == Reduction::mean ? sum / static_cast<double>(call.batch) : sum);
  }
}

void onCpu(const SoftmaxCrossEntropyGrad& call) {
  const int64_t classes = call.labels.classes;
  const float share = rowShare(call.reduction, call.batch);
  forEachRow(call.batch, classes, [&](int64_t row) {
    const float dy = call.dy[call.reduction == Reduction::none ? row : 0] * share;
    const float gradient = dy * (call.weights ? call.weights[row] : 1.0f);
    double wanted = 0;
    for (int64_t c = 0; c < classes; c++) wanted += labelOf(call.labels, row, c);
    for (int64_t i = row * classes, c = 0; c < classes; i++, c++) {
      call.dlogits[i] = dlogitOf(gradient, call.probabilities[i], static_cast<float>(wanted), labelOf(call.labels, row, c));
    }
  });
}

// What forward and backward have in common: attributes, and the checks of labels and weights.
class LossOp {
 public:
  explicit LossOp(const Attributes& attributes) : smoothing_(attributes.number("label_smoothing")) {
    const int64_t reduction = attributes.integer("reduction");
    if (reduction < 0 || reduction > 2) {
      throw Failure(TF_INVALID_ARGUMENT, "reduction must be 0 (none), 1 (sum) or 2 (mean), got " + std::to_string(reduction));
    }
    reduction_ = static_cast<Reduction>(reduction);
  }

 protected:
  static void defineAttributes(Definition& definition) {
    definition.attribute("label_smoothing: float").attribute("reduction: int").attribute("N: int >= 0");
  }

  // Labels [batch] or [batch, classes] for `of` [batch, classes].
  Labels labels(const Call& call, const char* name, const Tensor& of, const Tensor& labels) const {
    if (of.shape.size() != 2 || of.size == 0) {
      call.fail(std::string(name) + " must have shape [batch, classes], neither 0, got " + shown(of.shape));
    }
    const bool indexed = labels.shape == Shape{of.shape[0]};
    if (!indexed && labels.shape != of.shape) {
      call.fail("labels must have shape " + shown({of.shape[0]}) + " or " + shown(of.shape) + ", got " + shown(labels.shape));
    }
    return {labels.data, of.shape[1], indexed, smoothing_};
  }

  // The optional last input: one number a row.
  const float* weights(Call& call, int index, int64_t batch) const {
    if (call.inputs() == index) return nullptr;
    if (call.inputs() > index + 1) call.fail("weights must be one tensor or none, got " + std::to_string(call.inputs() - index));
    call.expectShape("weights", call.input(index), {batch});
    return call.input(index).data;
  }

  Shape lossShape(int64_t batch) const { return reduction_ == Reduction::none ? Shape{batch} : Shape{}; }

  float smoothing_;
  Reduction reduction_;
};

class ForwardOp : public LossOp {
 public:
  static constexpr const char* name = "TfjsCnnSoftmaxCrossEntropy";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.input("logits: float").input("labels: float").input("weights: N * float");
    definition.output("loss: float").output("probabilities: float");
  }

  using LossOp::LossOp;

  void compute(Call& call) const {
    const Tensor& logits = call.input(0);
    const Labels of = labels(call, "logits", logits, call.input(1));
    const int64_t batch = logits.shape[0];
    const float* weighed = weights(call, 2, batch);
    const Tensor loss = call.output(0, lossShape(batch));
    const Tensor probabilities = call.output(1, logits.shape);
    const SoftmaxCrossEntropy forward{logits.data, of, weighed, loss.data, probabilities.data, batch, reduction_};
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) return softmaxCrossEntropyOnGpu(forward, call.temporary({batch}).data, call.stream());
#endif
    onCpu(forward);
  }
};

class BackwardOp : public LossOp {
 public:
  static constexpr const char* name = "TfjsCnnSoftmaxCrossEntropyGrad";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.input("dy: float").input("labels: float").input("probabilities: float").input("weights: N * float");
    definition.output("dlogits: float");
  }

  using LossOp::LossOp;

  void compute(Call& call) const {
    const Tensor& dy = call.input(0);
    const Tensor& probabilities = call.input(2);
    const Labels of = labels(call, "probabilities", probabilities, call.input(1));
    const int64_t batch = probabilities.shape[0];
    call.expectShape("dy", dy, lossShape(batch));
    const float* weighed = weights(call, 3, batch);
    const Tensor dlogits = call.output(0, probabilities.shape, 2);
    const SoftmaxCrossEntropyGrad backward{dy.data, of, weighed, probabilities.data, dlogits.data, batch, reduction_};
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) return softmaxCrossEntropyGradOnGpu(backward, call.stream());
#endif
    onCpu(backward);
  }
};

const Registration<ForwardOp> forward;
const Registration<BackwardOp> backward;

}  // namespace
}  // namespace tfjs_cnn
