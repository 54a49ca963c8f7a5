// Stochastic gradient descent of all weights in one call, with momentum where there are velocities.
#include "native.h"

#include <algorithm>

#include "../native-update-op.h"

namespace tfjs_cnn {
namespace {

TFJS_CNN_WIDE void plain(const float* value, const float* gradient, float* newValue, const float* given, float factor, float trust,
                         int64_t count) {
  float numbers[SGD_NUMBERS];
  std::copy(given, given + SGD_NUMBERS, numbers);
  TFJS_CNN_EACH
  for (int64_t i = 0; i < count; i++) {
    newValue[i] = moved(value[i], trust * penalized(gradient[i], value[i], factor, numbers), numbers);
  }
}

TFJS_CNN_WIDE void withMomentum(const float* value, const float* gradient, const float* velocity, float* newValue,
                                float* newVelocity, const float* given, float factor, float trust, int64_t count) {
  float numbers[SGD_NUMBERS];
  std::copy(given, given + SGD_NUMBERS, numbers);
  TFJS_CNN_EACH
  for (int64_t i = 0; i < count; i++) {
    const float direction = trust * penalized(gradient[i], value[i], factor, numbers);
    const float v = sgdVelocity(velocity[i], direction, numbers);
    newVelocity[i] = v;
    newValue[i] = moved(value[i], sgdDirection(v, direction, numbers), numbers);
  }
}

struct SgdStep {
  static constexpr const char* name = "TfjsCnnSgdStep";
  static constexpr const char* slotNames = "no slot or the velocity";
  static constexpr int numbers = SGD_NUMBERS;
  static bool takes(int slots) { return slots == 0 || slots == 1; }

  static void onCpu(const Update& u, int slots, int64_t begin, int64_t end) {
    const float factor = factorOf(u.scale);
    const float trust = factorOf(u.trust);
    if (slots == 0) {
      plain(u.value + begin, u.gradient + begin, u.newValue + begin, u.numbers, factor, trust, end - begin);
    } else {
      withMomentum(u.value + begin, u.gradient + begin, u.slots[0] + begin, u.newValue + begin, u.newSlots[0] + begin, u.numbers,
                   factor, trust, end - begin);
    }
  }

#if defined(TFJS_CNN_CUDA)
  static void onGpu(const std::vector<Update>& updates, int slots, void* stream) {
    sgdOnGpu(updates, slots, stream);
  }
#endif
};

const Registration<UpdateOp<SgdStep>> registration;

}  // namespace
}  // namespace tfjs_cnn
