// Adam and its kin of all weights on a GPU.
#include "native.h"

#include "../native-update.cuh"

namespace tfjs_cnn {
namespace {

struct AdamOnGpu {
  static constexpr int numbers = ADAM_NUMBERS;
  bool amsGrad;

  __device__ void element(const Update& update, const float* numbers, float factor, float, int64_t i) const {
    const float value = update.value[i];
    const float g = penalized(update.gradient[i], value, factor, numbers);
    const float m = adamMean(update.slots[0][i], g, numbers);
    float s = adamSquare(update.slots[1][i], g, numbers);
    update.newSlots[0][i] = m;
    update.newSlots[1][i] = s;
    if (amsGrad) {
      s = largerSquare(s, update.slots[2][i]);
      update.newSlots[2][i] = s;
    }
    update.newValue[i] = moved(value, adamDirection(m, s, g, numbers), numbers);
  }
};

}  // namespace

void adamOnGpu(const std::vector<Update>& updates, int slots, void* stream) {
  updateOnGpu(updates, stream, AdamOnGpu{slots == 3});
}

}  // namespace tfjs_cnn
