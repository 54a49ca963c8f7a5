// The end of a residual block, y = max(a + b, 0), in one pass; and its gradient, one buffer for both terms.
#include "native.h"

#include <algorithm>

#include "../../backends/tensorflow/native/op.h"
#include "../../backends/tensorflow/native/parallel.h"

namespace tfjs_cnn {
namespace {

// Elements that one piece of the work takes.
constexpr int64_t GRAIN = 1 << 16;

TFJS_CNN_WIDE void addRelu(const float* a, const float* b, float* y, int64_t count) {
  TFJS_CNN_EACH
  for (int64_t i = 0; i < count; i++) y[i] = addReluOf(a[i], b[i]);
}

TFJS_CNN_WIDE void addReluGrad(const float* dy, const float* y, float* dz, int64_t count) {
  TFJS_CNN_EACH
  for (int64_t i = 0; i < count; i++) dz[i] = addReluGradOf(dy[i], y[i]);
}

using Loop = void (*)(const float*, const float*, float*, int64_t);

void inPieces(Loop loop, const float* first, const float* second, float* result, int64_t size) {
  parallel((size + GRAIN - 1) / GRAIN, [=](int64_t piece) {
    const int64_t begin = piece * GRAIN;
    loop(first + begin, second + begin, result + begin, std::min(GRAIN, size - begin));
  });
}

class AddReluOp {
 public:
  static constexpr const char* name = "TfjsCnnAddRelu";

  static void define(Definition& definition) { definition.input("a: float").input("b: float").output("y: float"); }

  explicit AddReluOp(const Attributes&) {}

  void compute(Call& call) const {
    const Tensor& a = call.input(0);
    const Tensor& b = call.input(1);
    call.expectShape("b", b, a.shape);
    const Tensor y = call.output(0, a.shape, 0);
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) return addReluOnGpu(a.data, b.data, y.data, a.size, call.stream());
#endif
    inPieces(addRelu, a.data, b.data, y.data, a.size);
  }
};

class AddReluGradOp {
 public:
  static constexpr const char* name = "TfjsCnnAddReluGrad";

  static void define(Definition& definition) { definition.input("dy: float").input("y: float").output("dz: float"); }

  explicit AddReluGradOp(const Attributes&) {}

  void compute(Call& call) const {
    const Tensor& dy = call.input(0);
    const Tensor& y = call.input(1);
    call.expectShape("y", y, dy.shape);
    const Tensor dz = call.output(0, dy.shape, 0);
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) return addReluGradOnGpu(dy.data, y.data, dz.data, dy.size, call.stream());
#endif
    inPieces(addReluGrad, dy.data, y.data, dz.data, dy.size);
  }
};

const Registration<AddReluOp> forward;
const Registration<AddReluGradOp> backward;

}  // namespace
}  // namespace tfjs_cnn
