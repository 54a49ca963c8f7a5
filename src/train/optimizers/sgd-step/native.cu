// Stochastic gradient descent of all weights on a GPU.
#include "native.h"

#include "../native-update.cuh"

namespace tfjs_cnn {
namespace {

struct SgdOnGpu {
  static constexpr int numbers = SGD_NUMBERS;
  bool momentum;

  __device__ void element(const Update& update, const float* numbers, float factor, float trust, int64_t i) const {
    const float value = update.value[i];
    float direction = trust * penalized(update.gradient[i], value, factor, numbers);
    if (momentum) {
      const float velocity = sgdVelocity(update.slots[0][i], direction, numbers);
      update.newSlots[0][i] = velocity;
      direction = sgdDirection(velocity, direction, numbers);
    }
    update.newValue[i] = moved(value, direction, numbers);
  }
};

}  // namespace

void sgdOnGpu(const std::vector<Update>& updates, int slots, void* stream) {
  updateOnGpu(updates, stream, SgdOnGpu{slots > 0});
}

}  // namespace tfjs_cnn
