// Adam, AdamW and their kin of all weights in one call; by amsgrad where there is a third slot.
#include "native.h"

#include <algorithm>

#include "../native-update-op.h"

namespace tfjs_cnn {
namespace {

TFJS_CNN_WIDE void adam(const float* value, const float* gradient, const float* mean, const float* square, float* newValue,
                        float* newMean, float* newSquare, const float* given, float factor, int64_t count) {
  float numbers[ADAM_NUMBERS];
  std::copy(given, given + ADAM_NUMBERS, numbers);
  TFJS_CNN_EACH
  for (int64_t i = 0; i < count; i++) {
    const float g = penalized(gradient[i], value[i], factor, numbers);
    const float m = adamMean(mean[i], g, numbers);
    const float s = adamSquare(square[i], g, numbers);
    newMean[i] = m;
    newSquare[i] = s;
    newValue[i] = moved(value[i], adamDirection(m, s, g, numbers), numbers);
  }
}

TFJS_CNN_WIDE void amsGrad(const float* value, const float* gradient, const float* mean, const float* square, const float* largest,
                           float* newValue, float* newMean, float* newSquare, float* newLargest, const float* given, float factor,
                           int64_t count) {
  float numbers[ADAM_NUMBERS];
  std::copy(given, given + ADAM_NUMBERS, numbers);
  TFJS_CNN_EACH
  for (int64_t i = 0; i < count; i++) {
    const float g = penalized(gradient[i], value[i], factor, numbers);
    const float m = adamMean(mean[i], g, numbers);
    const float s = adamSquare(square[i], g, numbers);
    const float l = largerSquare(s, largest[i]);
    newMean[i] = m;
    newSquare[i] = s;
    newLargest[i] = l;
    newValue[i] = moved(value[i], adamDirection(m, l, g, numbers), numbers);
  }
}

struct AdamStep {
  static constexpr const char* name = "TfjsCnnAdamStep";
  static constexpr const char* slotNames = "mean and square, and maybe the largest square,";
  static constexpr int numbers = ADAM_NUMBERS;
  static bool takes(int slots) { return slots == 2 || slots == 3; }

  static void onCpu(const Update& u, int slots, int64_t at, int64_t end) {
    const float factor = factorOf(u.scale);
    const float *value = u.value + at, *gradient = u.gradient + at, *mean = u.slots[0] + at, *square = u.slots[1] + at;
    float *newValue = u.newValue + at, *newMean = u.newSlots[0] + at, *newSquare = u.newSlots[1] + at;
    if (slots == 2) {
      adam(value, gradient, mean, square, newValue, newMean, newSquare, u.numbers, factor, end - at);
    } else {
      amsGrad(value, gradient, mean, square, u.slots[2] + at, newValue, newMean, newSquare, u.newSlots[2] + at, u.numbers, factor,
              end - at);
    }
  }

#if defined(TFJS_CNN_CUDA)
  static void onGpu(const std::vector<Update>& updates, int slots, void* stream) {
    adamOnGpu(updates, slots, stream);
  }
#endif
};

const Registration<UpdateOp<AdamStep>> registration;

}  // namespace
}  // namespace tfjs_cnn
