// Where kernels run: the devices this addon was built for, and a GPU's stream.
#pragma once

#include "tensorflow/c/kernels.h"

namespace tfjs_cnn {

#if defined(TFJS_CNN_CUDA)
inline constexpr const char* DEVICES[] = {"CPU", "GPU"};
void* streamOf(TF_OpKernelContext* context);
#else
inline constexpr const char* DEVICES[] = {"CPU"};
inline void* streamOf(TF_OpKernelContext*) { return nullptr; }
#endif

}  // namespace tfjs_cnn
