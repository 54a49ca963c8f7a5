// How native ops are declared and called, over TensorFlow's C API for ops and kernels (tensorflow/c/ops.h, kernels.h).
//
// An op is a struct: `name`, `define` (its attributes, inputs and outputs in TensorFlow's words), a constructor that takes the
// attributes, and `compute`, which checks shapes, has outputs allocated and runs on the device that the call is on. A static
// Registration<Op> makes it known when the addon is loaded.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"

namespace tfjs_cnn {

// Of what ops take and give; native.ts calls ops of this version only.
constexpr int VERSION = 1;

// What a caller did wrong, or TensorFlow could not do: ends the op with that message.
struct Failure : std::runtime_error {
  Failure(TF_Code code, const std::string& message) : std::runtime_error(message), code(code) {}
  TF_Code code;
};

using Shape = std::vector<int64_t>;

// [2,3] as messages show it.
std::string shown(const Shape& shape);
int64_t sizeOf(const Shape& shape);

// A float tensor of one call.
struct Tensor {
  float* data;
  Shape shape;
  int64_t size;
};

// The declaration of an op.
class Definition {
 public:
  explicit Definition(const char* name);
  Definition& attribute(const char* spec);
  Definition& input(const char* spec);
  Definition& output(const char* spec);
  void finish();

 private:
  TF_OpDefinitionBuilder* builder_;
};

// The attributes of a kernel while it is made.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  float number(const char* name) const;
  bool flag(const char* name) const;
  int64_t integer(const char* name) const;
  std::vector<int64_t> integers(const char* name) const;

 private:
  TF_OpKernelConstruction* construction_;
};

// One call of a kernel. Tensors live until it ends.
class Call {
 public:
  Call(const char* op, TF_OpKernelContext* context, bool gpu);
  ~Call();
  Call(const Call&) = delete;

  bool gpu() const { return gpu_; }
  int inputs() const { return TF_NumInputs(context_); }
  const Tensor& input(int index);
  // An output of that shape; over an input, where TensorFlow knows that nobody else has its buffer.
  Tensor output(int index, const Shape& shape, int over = -1);
  // Memory for the time of this call.
  Tensor temporary(const Shape& shape);
  // The stream on which this GPU's kernels run in order: a cudaStream_t.
  void* stream() const;

  // Ends the call.
  [[noreturn]] void fail(const std::string& message) const;
  void expectShape(const char* name, const Tensor& tensor, const Shape& shape) const;

 private:
  Tensor adopt(TF_Tensor* tensor);

  const char* op_;
  TF_OpKernelContext* context_;
  bool gpu_;
  std::vector<TF_Tensor*> tensors_;
  std::vector<Tensor> inputs_;
};

// What TensorFlow calls.
template <typename Op, bool gpu>
struct Kernel {
  static void* create(TF_OpKernelConstruction* construction);
  static void compute(void* op, TF_OpKernelContext* context);
  static void destroy(void* op) { delete static_cast<Op*>(op); }
};

void failConstruction(TF_OpKernelConstruction* construction, const Failure& failure);
void failCall(TF_OpKernelContext* context, const char* op, const std::exception& error);

template <typename Op, bool gpu>
void* Kernel<Op, gpu>::create(TF_OpKernelConstruction* construction) {
  try {
    return new Op(Attributes(construction));
  } catch (const Failure& failure) {
    failConstruction(construction, failure);
    return nullptr;
  }
}

template <typename Op, bool gpu>
void Kernel<Op, gpu>::compute(void* op, TF_OpKernelContext* context) {
  try {
    Call call(Op::name, context, gpu);
    static_cast<const Op*>(op)->compute(call);
  } catch (const std::exception& error) {
    failCall(context, Op::name, error);
  }
}

// An op that waits to be told to TensorFlow.
struct Entry {
  const char* name;
  void (*define)();
  TF_KernelBuilder* (*kernel)(const char* device);
};

std::vector<Entry>& entries();

template <typename Op>
struct Registration {
  Registration() {
    entries().push_back({Op::name,
                         [] {
                           Definition definition(Op::name);
                           Op::define(definition);
                           definition.finish();
                         },
                         [](const char* device) {
                           const bool gpu = device[0] == 'G';
                           using Gpu = Kernel<Op, true>;
                           using Cpu = Kernel<Op, false>;
                           return gpu ? TF_NewKernelBuilder(Op::name, device, Gpu::create, Gpu::compute, Gpu::destroy)
                                      : TF_NewKernelBuilder(Op::name, device, Cpu::create, Cpu::compute, Cpu::destroy);
                         }});
  }
};

// Tells TensorFlow of all ops and their kernels; a second call does nothing. @throws Failure
void registerAll();

}  // namespace tfjs_cnn
