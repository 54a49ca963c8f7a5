#include "lanes.h"

#include <atomic>

namespace tfjs_cnn {
namespace {

std::atomic<int> limit{16};

int detected() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq");
  if (wide) return 16;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
  return 4;
}

}  // namespace

int lanes() {
  static const int widest = detected();
  const int most = limit;
  return most >= widest ? widest : most >= 8 ? 8 : 4;
}

void useLanes(int most) { limit = most; }

}  // namespace tfjs_cnn
