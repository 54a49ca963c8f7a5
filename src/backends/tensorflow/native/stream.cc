// The stream of TensorFlow's GPU. Its C API has it for plugged-in devices only, so this one file uses the C++ classes, whose headers
// come with the libraries.
#include "stream.h"

#if defined(TFJS_CNN_CUDA)
#include <stdexcept>

#include "tensorflow/core/framework/op_kernel.h"
#include "xla/stream_executor/stream.h"

namespace tfjs_cnn {

void* streamOf(TF_OpKernelContext* context) {
  auto* device = reinterpret_cast<tensorflow::OpKernelContext*>(context)->op_device_context();
  if (!device || !device->stream()) throw std::runtime_error("the GPU has no stream");
  return device->stream()->platform_specific_handle().stream;
}

}  // namespace tfjs_cnn
#endif
