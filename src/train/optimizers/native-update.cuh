// Updates of many weights on a GPU: one launch moves a group of them, a block a piece of one weight.
#pragma once

#include "../../backends/tensorflow/native/launch.cuh"
#include "native-update.h"

namespace tfjs_cnn {

// Weights of a launch: their pointers travel as its arguments, which may be 4 KB.
constexpr int GROUP = 32;
// Elements that a block takes.
constexpr int64_t PIECE = THREADS * 16;

struct UpdateGroup {
  Update updates[GROUP];
  // Of each weight its first block; behind them their number.
  unsigned firstBlock[GROUP + 1];
};

// Step::element(update, numbers, factor, trust, i) moves one element.
template <typename Step>
__global__ void updateGroup(UpdateGroup group, Step step) {
  int which = 0;
  while (blockIdx.x >= group.firstBlock[which + 1]) which++;
  const Update& update = group.updates[which];
  float numbers[Step::numbers];
  for (int k = 0; k < Step::numbers; k++) numbers[k] = update.numbers[k];
  const float factor = factorOf(update.scale);
  const float trust = factorOf(update.trust);
  const int64_t begin = (blockIdx.x - group.firstBlock[which]) * PIECE;
  const int64_t end = begin + PIECE < update.size ? begin + PIECE : update.size;
  for (int64_t i = begin + threadIdx.x; i < end; i += THREADS) step.element(update, numbers, factor, trust, i);
}

template <typename Step>
void updateOnGpu(const std::vector<Update>& updates, void* stream, const Step& step) {
  for (size_t begin = 0; begin < updates.size(); begin += GROUP) {
    UpdateGroup group{};
    int count = 0;
    unsigned blocks = 0;
    for (; count < GROUP && begin + count < updates.size(); count++) {
      group.updates[count] = updates[begin + count];
      group.firstBlock[count] = blocks;
      blocks += static_cast<unsigned>(blocksOf(group.updates[count].size, PIECE));
    }
    for (int rest = count; rest <= GROUP; rest++) group.firstBlock[rest] = blocks;
    if (blocks == 0) continue;
    updateGroup<<<blocks, THREADS, 0, static_cast<cudaStream_t>(stream)>>>(group, step);
    expectLaunched("updateGroup");
  }
}

}  // namespace tfjs_cnn
