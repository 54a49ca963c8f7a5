#include "lanes.h"

namespace tfjs_cnn {

int lanes() {
#if defined(__x86_64__)
  static const int width = [] {
    __builtin_cpu_init();
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq");
    if (wide) return 16;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 8 : 4;
  }();
  return width;
#else
  return 4;
#endif
}

}  // namespace tfjs_cnn
