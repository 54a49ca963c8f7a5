// conv2d on the CPU in one call each way: 3x3 with stride 1 by Winograd's algorithm where the caller says so, else as it is defined.
#include <cstdlib>
#include <string>

#include "../../backends/tensorflow/native/op.h"
#include "native-convolution.h"

namespace tfjs_cnn {
namespace {

// Beyond that products of sizes might overflow.
constexpr int64_t MOST = 1 << 24;

// What all three declare and check alike.
class ConvolutionOp {
 public:
  explicit ConvolutionOp(const Attributes& attributes) : winograd_(attributes.flag("winograd")) {
    const std::vector<int64_t> sizes = attributes.integers("geometry");
    if (sizes.size() != 10) throw Failure(TF_INVALID_ARGUMENT, "geometry must have 10 numbers, got " + std::to_string(sizes.size()));
    c_ = {0,        sizes[0], sizes[1], 0,        sizes[2], sizes[3], 0,
          sizes[4], sizes[5], sizes[6], sizes[7], sizes[8], sizes[9]};
    for (int i = 0; i < 8; i++) {
      if (sizes[i] < 1) throw Failure(TF_INVALID_ARGUMENT, "sizes and strides of geometry must be positive, got " + shown(sizes));
    }
    for (int64_t size : sizes) {
      if (std::abs(size) > MOST) throw Failure(TF_INVALID_ARGUMENT, "geometry must have numbers of at most 2^24, got " + shown(sizes));
    }
    const bool suits = c_.filterHeight == 3 && c_.filterWidth == 3 && c_.strideHeight == 1 && c_.strideWidth == 1 && c_.padTop >= 0 &&
                       c_.padTop <= 2 && c_.padLeft >= 0 && c_.padLeft <= 2;
    if (winograd_ && !suits) throw Failure(TF_INVALID_ARGUMENT, "winograd takes 3x3 with stride 1 and pads of 0 to 2, got " + shown(sizes));
  }

 protected:
  // in and out: height, width; filter and stride likewise; pads: top, left.
  static void defineAttributes(Definition& definition) { definition.attribute("geometry: list(int)").attribute("winograd: bool"); }

  // With batch and channels of a call's tensors; those of null are not given.
  Convolution of(const Call& call, const Tensor* x, const Tensor* filter, const Tensor* y) const {
    if (call.gpu()) call.fail("runs on the CPU only");
    for (const Tensor* tensor : {x, filter, y}) {
      if (tensor && tensor->shape.size() != 4) call.fail("x, filter and dy must have 4 dimensions, got " + shown(tensor->shape));
    }
    Convolution c = c_;
    c.batch = (x ? x : y)->shape[0];
    c.inChannels = x ? x->shape[3] : filter->shape[2];
    c.outChannels = y ? y->shape[3] : filter->shape[3];
    if (x) call.expectShape("x", *x, {c.batch, c.inHeight, c.inWidth, c.inChannels});
    if (filter) call.expectShape("filter", *filter, {c.filterHeight, c.filterWidth, c.inChannels, c.outChannels});
    if (y) call.expectShape("dy", *y, {c.batch, c.outHeight, c.outWidth, c.outChannels});
    return c;
  }

  bool winograd_;

 private:
  Convolution c_;
};

class Conv2DOp : public ConvolutionOp {
 public:
  static constexpr const char* name = "TfjsCnnConv2D";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.attribute("relu: bool").attribute("N: int >= 0");
    definition.input("x: float").input("filter: float").input("bias: N * float").output("y: float");
  }

  explicit Conv2DOp(const Attributes& attributes) : ConvolutionOp(attributes), relu_(attributes.flag("relu")) {}

  void compute(Call& call) const {
    const Tensor &x = call.input(0), &filter = call.input(1);
    const Convolution c = of(call, &x, &filter, nullptr);
    if (call.inputs() > 2) call.expectShape("bias", call.input(2), {c.outChannels});
    const Finish finish = {call.inputs() > 2 ? call.input(2).data : nullptr, relu_};
    const float *from = x.data, *taps = filter.data;
    const Tensor y = call.output(0, {c.batch, c.outHeight, c.outWidth, c.outChannels});
    (winograd_ ? winograd::forward : direct::forward)(c, from, taps, finish, y.data);
  }

 private:
  bool relu_;
};

class GradientOfInputOp : public ConvolutionOp {
 public:
  static constexpr const char* name = "TfjsCnnConv2DGradInput";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.input("dy: float").input("filter: float").output("dx: float");
  }

  using ConvolutionOp::ConvolutionOp;

  void compute(Call& call) const {
    const Tensor dy = call.input(0), filter = call.input(1);
    const Convolution c = of(call, nullptr, &filter, &dy);
    const Tensor dx = call.output(0, {c.batch, c.inHeight, c.inWidth, c.inChannels});
    (winograd_ ? winograd::gradientOfInput : direct::gradientOfInput)(c, dy.data, filter.data, dx.data);
  }
};

class GradientOfFilterOp : public ConvolutionOp {
 public:
  static constexpr const char* name = "TfjsCnnConv2DGradFilter";

  static void define(Definition& definition) {
    defineAttributes(definition);
    definition.input("x: float").input("dy: float").output("dfilter: float");
  }

  using ConvolutionOp::ConvolutionOp;

  void compute(Call& call) const {
    const Tensor x = call.input(0), dy = call.input(1);
    const Convolution c = of(call, &x, nullptr, &dy);
    const Tensor dfilter = call.output(0, {c.filterHeight, c.filterWidth, c.inChannels, c.outChannels});
    (winograd_ ? winograd::gradientOfFilter : direct::gradientOfFilter)(c, x.data, dy.data, dfilter.data);
  }
};

const Registration<Conv2DOp> forward;
const Registration<GradientOfInputOp> ofInput;
const Registration<GradientOfFilterOp> ofFilter;

}  // namespace
}  // namespace tfjs_cnn
