#include "memory.h"

#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace tfjs_cnn {
namespace {

constexpr std::align_val_t LINE{64};

// Left by calls that have ended, at most as many as kernels usually run at a time.
constexpr size_t KEPT = 2;
std::mutex mutex;
std::vector<Block>& kept() {
  static auto* const blocks = new std::vector<Block>();
  return *blocks;
}

Block taken(int64_t floats) {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<Block>& blocks = kept();
  for (size_t i = 0; i < blocks.size(); i++) {
    if (blocks[i].size() < floats) continue;
    Block block = std::move(blocks[i]);
    blocks.erase(blocks.begin() + i);
    return block;
  }
  // A larger one takes the place of one that was too small.
  if (!blocks.empty()) blocks.pop_back();
  return Block(floats);
}

}  // namespace

Block::Block(int64_t floats) : data_(floats > 0 ? static_cast<float*>(operator new(floats * sizeof(float), LINE)) : nullptr), size_(floats) {}

Block::~Block() { operator delete(data_, LINE); }

Block& Block::operator=(Block&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

float* threadScratch(int64_t floats) {
  thread_local Block block(0);
  if (block.size() < floats) {
    block = Block(0);
    block = Block(floats);
  }
  return block.data();
}

Workspace::Workspace(int64_t floats) : block_(taken(floats)) {}

Workspace::~Workspace() {
  std::lock_guard<std::mutex> lock(mutex);
  if (kept().size() < KEPT) kept().push_back(std::move(block_));
}

}  // namespace tfjs_cnn
