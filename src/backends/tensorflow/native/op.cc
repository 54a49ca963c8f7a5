#include "op.h"

#include <memory>

#include "stream.h"

namespace tfjs_cnn {
namespace {

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  operator TF_Status*() const { return status_; }
  void expectOk() const {
    if (TF_GetCode(status_) != TF_OK) throw Failure(TF_GetCode(status_), TF_Message(status_));
  }

 private:
  TF_Status* status_;
};

template <typename T>
T attributeOf(TF_OpKernelConstruction* construction, const char* name,
              void (*get)(TF_OpKernelConstruction*, const char*, T*, TF_Status*)) {
  Status status;
  T value{};
  get(construction, name, &value, status);
  status.expectOk();
  return value;
}

}  // namespace

std::string shown(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); i++) text += (i ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

int64_t sizeOf(const Shape& shape) {
  int64_t size = 1;
  for (int64_t dimension : shape) size *= dimension;
  return size;
}

Definition::Definition(const char* name) : builder_(TF_NewOpDefinitionBuilder(name)) {}

Definition& Definition::attribute(const char* spec) {
  TF_OpDefinitionBuilderAddAttr(builder_, spec);
  return *this;
}

Definition& Definition::input(const char* spec) {
  TF_OpDefinitionBuilderAddInput(builder_, spec);
  return *this;
}

Definition& Definition::output(const char* spec) {
  TF_OpDefinitionBuilderAddOutput(builder_, spec);
  return *this;
}

void Definition::finish() {
  TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder_, [](TF_ShapeInferenceContext* context, TF_Status* status) { TF_ShapeInferenceContextSetUnknownShape(context, status); });
  Status status;
  TF_RegisterOpDefinition(builder_, status);
  status.expectOk();
}

float Attributes::number(const char* name) const {
  return attributeOf<float>(construction_, name, TF_OpKernelConstruction_GetAttrFloat);
}

bool Attributes::flag(const char* name) const {
  return attributeOf<TF_Bool>(construction_, name, TF_OpKernelConstruction_GetAttrBool) != 0;
}

int64_t Attributes::integer(const char* name) const {
  return attributeOf<int64_t>(construction_, name, TF_OpKernelConstruction_GetAttrInt64);
}

std::vector<int64_t> Attributes::integers(const char* name) const {
  Status status;
  int32_t length = 0, bytes = 0;
  TF_OpKernelConstruction_GetAttrSize(construction_, name, &length, &bytes, status);
  status.expectOk();
  std::vector<int64_t> values(length);
  TF_OpKernelConstruction_GetAttrInt64List(construction_, name, values.data(), length, status);
  status.expectOk();
  return values;
}

Call::Call(const char* op, TF_OpKernelContext* context, bool gpu) : op_(op), context_(context), gpu_(gpu) {
  const int count = inputs();
  inputs_.reserve(count);
  for (int i = 0; i < count; i++) {
    Status status;
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context, i, &tensor, status);
    status.expectOk();
    inputs_.push_back(adopt(tensor));
  }
}

Call::~Call() {
  for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
}

Tensor Call::adopt(TF_Tensor* tensor) {
  tensors_.push_back(tensor);
  Shape shape(TF_NumDims(tensor));
  for (size_t i = 0; i < shape.size(); i++) shape[i] = TF_Dim(tensor, static_cast<int>(i));
  const int64_t size = sizeOf(shape);
  return {static_cast<float*>(TF_TensorData(tensor)), std::move(shape), size};
}

const Tensor& Call::input(int index) { return inputs_.at(index); }

Tensor Call::output(int index, const Shape& shape, int over) {
  Status status;
  const int rank = static_cast<int>(shape.size());
  TF_Tensor* tensor =
      over < 0 ? TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), rank, sizeOf(shape) * sizeof(float), status)
               : TF_ForwardInputOrAllocateOutput(context_, &over, 1, index, shape.data(), rank, nullptr, status);
  status.expectOk();
  return adopt(tensor);
}

Tensor Call::temporary(const Shape& shape) {
  Status status;
  TF_AllocatorAttributes attributes{TF_ALLOCATOR_ATTRIBUTES_STRUCT_SIZE, 0};
  const int rank = static_cast<int>(shape.size());
  TF_Tensor* tensor = TF_AllocateTemp(context_, TF_FLOAT, shape.data(), rank, &attributes, status);
  status.expectOk();
  return adopt(tensor);
}

void* Call::stream() const { return streamOf(context_); }

void Call::fail(const std::string& message) const { throw Failure(TF_INVALID_ARGUMENT, std::string(op_) + ": " + message); }

void Call::expectShape(const char* name, const Tensor& tensor, const Shape& shape) const {
  if (tensor.shape != shape) fail(std::string(name) + " must have shape " + shown(shape) + ", got " + shown(tensor.shape));
}

void failConstruction(TF_OpKernelConstruction* construction, const Failure& failure) {
  Status status;
  TF_SetStatus(status, failure.code, failure.what());
  TF_OpKernelConstruction_Failure(construction, status);
}

void failCall(TF_OpKernelContext* context, const char* op, const std::exception& error) {
  const auto* failure = dynamic_cast<const Failure*>(&error);
  Status status;
  if (failure) {
    TF_SetStatus(status, failure->code, failure->what());
  } else {
    TF_SetStatus(status, TF_INTERNAL, (std::string(op) + ": " + error.what()).c_str());
  }
  TF_OpKernelContext_Failure(context, status);
}

std::vector<Entry>& entries() {
  static std::vector<Entry> all;
  return all;
}

void registerAll() {
  static bool done = false;
  if (done) return;
  done = true;
  for (const Entry& entry : entries()) {
    entry.define();
    for (const char* device : DEVICES) {
      Status status;
      TF_RegisterKernelBuilder(entry.name, entry.kernel(device), status);
      status.expectOk();
    }
  }
}

}  // namespace tfjs_cnn
