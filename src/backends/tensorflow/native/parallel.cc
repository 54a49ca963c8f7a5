#include "parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tfjs_cnn {
namespace {

// Processors that this process may run on.
int processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

class Pool {
 public:
  Pool() {
    const int workers = processors() - 1;
    for (int i = 0; i < workers; i++) std::thread([this] { serve(); }).detach();
    empty_ = workers == 0;
  }

  // One caller at a time; who finds the threads busy does the work alone.
  void run(int64_t pieces, const std::function<void(int64_t)>& work) {
    std::unique_lock<std::mutex> only(caller_, std::try_to_lock);
    if (!only.owns_lock() || empty_) {
      for (int64_t piece = 0; piece < pieces; piece++) work(piece);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      pieces_ = pieces;
      next_ = 0;
      round_++;
    }
    wake_.notify_all();
    take(work, pieces);
    // Threads that have not woken by now are not waited for: they find no work.
    std::unique_lock<std::mutex> lock(mutex_);
    work_ = nullptr;
    done_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  void take(const std::function<void(int64_t)>& work, int64_t pieces) {
    for (int64_t piece = next_++; piece < pieces; piece = next_++) work(piece);
  }

  void serve() {
    int64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return work_ != nullptr && round_ != seen; });
      seen = round_;
      const auto* work = work_;
      const int64_t pieces = pieces_;
      inside_++;
      lock.unlock();
      take(*work, pieces);
      lock.lock();
      if (--inside_ == 0) done_.notify_one();
    }
  }

  std::mutex caller_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t)>* work_ = nullptr;
  int64_t pieces_ = 0, round_ = 0;
  std::atomic<int64_t> next_{0};
  int inside_ = 0;
  bool empty_;
};

}  // namespace

void parallel(int64_t pieces, const std::function<void(int64_t)>& work) {
  if (pieces <= 1) {
    if (pieces == 1) work(0);
    return;
  }
  // Never taken down: at the process's end its threads sleep.
  static Pool* const pool = new Pool();
  pool->run(pieces, work);
}

}  // namespace tfjs_cnn
