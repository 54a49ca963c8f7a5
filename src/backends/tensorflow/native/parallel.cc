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
    for (int i = 1; i < processors(); i++) {
      std::thread([this] { serve(); }).detach();
      workers_++;
    }
  }

  // One caller at a time; who finds the threads busy does the work alone.
  void run(int64_t pieces, const std::function<void(int64_t)>& work) {
    std::unique_lock<std::mutex> only(caller_, std::try_to_lock);
    if (!only.owns_lock() || workers_ == 0) {
      for (int64_t piece = 0; piece < pieces; piece++) work(piece);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      pieces_ = pieces;
      next_ = 0;
      round_++;
      busy_ = workers_;
    }
    wake_.notify_all();
    take(work, pieces);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void take(const std::function<void(int64_t)>& work, int64_t pieces) {
    for (int64_t piece = next_++; piece < pieces; piece = next_++) work(piece);
  }

  void serve() {
    int64_t seen = 0;
    for (;;) {
      const std::function<void(int64_t)>* work;
      int64_t pieces;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_ != seen; });
        seen = round_;
        work = work_;
        pieces = pieces_;
      }
      take(*work, pieces);
      std::lock_guard<std::mutex> lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex caller_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t)>* work_ = nullptr;
  int64_t pieces_ = 0, round_ = 0;
  std::atomic<int64_t> next_{0};
  int workers_ = 0, busy_ = 0;
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
