// The native op of a step: one call moves all weights. Only for the C++ side; nvcc sees native-update.h.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../../backends/tensorflow/native/op.h"
#include "../../backends/tensorflow/native/parallel.h"
#include "native-update.h"

namespace tfjs_cnn {

// Elements that one piece of the work takes.
constexpr int64_t UPDATE_GRAIN = 1 << 15;

// Runs a step on all elements of all weights, in pieces over all of them.
template <typename Loop>
void updateAll(const std::vector<Update>& updates, const Loop& loop) {
  struct Piece {
    const Update* update;
    int64_t begin, end;
  };
  std::vector<Piece> pieces;
  for (const Update& update : updates) {
    for (int64_t begin = 0; begin < update.size; begin += UPDATE_GRAIN) {
      pieces.push_back({&update, begin, std::min(update.size, begin + UPDATE_GRAIN)});
    }
  }
  // Small weights go together: a thread is not woken for ten numbers.
  std::vector<size_t> starts{0};
  int64_t held = 0;
  for (size_t i = 0; i < pieces.size(); i++) {
    const int64_t size = pieces[i].end - pieces[i].begin;
    if (held > 0 && held + size > UPDATE_GRAIN) {
      starts.push_back(i);
      held = 0;
    }
    held += size;
  }
  starts.push_back(pieces.size());
  parallel(static_cast<int64_t>(starts.size()) - 1, [&](int64_t group) {
    for (size_t i = starts[group]; i < starts[group + 1]; i++) loop(*pieces[i].update, pieces[i].begin, pieces[i].end);
  });
}

// Inputs: N values, N gradients, M slots (all first ones, all second ones, ...), numbers [N, Step::numbers] and, none or N, scalars that
// gradients and directions are multiplied by. Outputs: N new values, M new slots.
template <typename Step>
class UpdateOp {
 public:
  static constexpr const char* name = Step::name;

  static void define(Definition& definition) {
    definition.attribute("N: int >= 1").attribute("M: int >= 0").attribute("S: int >= 0").attribute("T: int >= 0");
    definition.input("values: N * float").input("gradients: N * float").input("slots: M * float");
    definition.input("numbers: float").input("scales: S * float").input("trusts: T * float");
    definition.output("new_values: N * float").output("new_slots: M * float");
  }

  explicit UpdateOp(const Attributes& attributes)
      : weights_(static_cast<int>(attributes.integer("N"))),
        slots_(static_cast<int>(attributes.integer("M")) / weights_),
        scaled_(attributes.integer("S") > 0),
        trusted_(attributes.integer("T") > 0) {
    const int64_t given = attributes.integer("M");
    if (slots_ * weights_ != given || !Step::takes(slots_)) {
      throw Failure(TF_INVALID_ARGUMENT, std::string(name) + ": there must be " + Step::slotNames + " for each of the " +
                                             std::to_string(weights_) + " values, got " + std::to_string(given));
    }
    for (const char* scalars : {"S", "T"}) {
      const int64_t count = attributes.integer(scalars);
      if (count != 0 && count != weights_) {
        throw Failure(TF_INVALID_ARGUMENT, std::string(name) + ": " + scalars + " must be 0 or N = " + std::to_string(weights_) +
                                               ", got " + std::to_string(count));
      }
    }
  }

  void compute(Call& call) const {
    const int numbersAt = (2 + slots_) * weights_;
    const Tensor& numbers = call.input(numbersAt);
    call.expectShape("numbers", numbers, {weights_, Step::numbers});
    std::vector<Update> updates(weights_);
    for (int i = 0; i < weights_; i++) {
      updates[i] = update(call, i, numbers.data);
      if (scaled_) updates[i].scale = scalar(call, "scales", numbersAt + 1 + i);
      if (trusted_) updates[i].trust = scalar(call, "trusts", numbersAt + 1 + (scaled_ ? weights_ : 0) + i);
    }
#if defined(TFJS_CNN_CUDA)
    if (call.gpu()) return Step::onGpu(updates, slots_, call.stream());
#endif
    const int slots = slots_;
    updateAll(updates, [=](const Update& one, int64_t begin, int64_t end) { Step::onCpu(one, slots, begin, end); });
  }

 private:
  static const float* scalar(Call& call, const char* of, int at) {
    call.expectShape(of, call.input(at), {});
    return call.input(at).data;
  }

  Update update(Call& call, int i, const float* numbers) const {
    const Tensor& value = call.input(i);
    const Tensor& gradient = call.input(weights_ + i);
    const std::string of = "[" + std::to_string(i) + "]";
    call.expectShape(("gradients" + of).c_str(), gradient, value.shape);
    Update update{};
    update.value = value.data;
    update.gradient = gradient.data;
    update.numbers = numbers + i * Step::numbers;
    update.size = value.size;
    update.newValue = call.output(i, value.shape, i).data;
    for (int slot = 0; slot < slots_; slot++) {
      const int at = slot * weights_ + i;
      const Tensor& old = call.input(2 * weights_ + at);
      call.expectShape(("slots" + of).c_str(), old, value.shape);
      update.slots[slot] = old.data;
      update.newSlots[slot] = call.output(weights_ + at, value.shape, 2 * weights_ + at).data;
    }
    return update;
  }

  const int weights_, slots_;
  const bool scaled_, trusted_;
};

}  // namespace tfjs_cnn
