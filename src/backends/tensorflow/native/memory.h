// Memory for what lies between inputs and outputs. It is kept: to get fresh pages from the system takes longer than to fill them.
#pragma once

#include <cstdint>

namespace tfjs_cnn {

// Floats, aligned to lines of the cache.
class Block {
 public:
  explicit Block(int64_t floats);
  ~Block();
  Block(Block&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }
  Block& operator=(Block&& other) noexcept;

  float* data() const { return data_; }
  int64_t size() const { return size_; }

 private:
  float* data_;
  int64_t size_;
};

// Memory of the calling thread; another call, and it is another's.
float* threadScratch(int64_t floats);

// Memory of one call of a kernel, which all threads may use.
class Workspace {
 public:
  explicit Workspace(int64_t floats);
  ~Workspace();
  Workspace(const Workspace&) = delete;

  float* data() const { return block_.data(); }

 private:
  Block block_;
};

}  // namespace tfjs_cnn
