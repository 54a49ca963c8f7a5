// Threads of our own: TensorFlow's C API lends kernels none of its own.
#pragma once

#include <cstdint>
#include <functional>

namespace tfjs_cnn {

// Calls work(piece) for 0 <= piece < pieces, on several threads where there are several pieces; returns when all are done. How work
// is cut into pieces must follow from sizes alone, so that sums are the same bits on any number of threads.
void parallel(int64_t pieces, const std::function<void(int64_t)>& work);

}  // namespace tfjs_cnn
