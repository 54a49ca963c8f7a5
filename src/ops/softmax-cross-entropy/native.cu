// Softmax cross entropy on a GPU: one warp takes a row.
#include "../../backends/tensorflow/native/launch.cuh"
#include "native.h"

namespace tfjs_cnn {
namespace {

constexpr int WARP = 32;
constexpr int ROWS = THREADS / WARP;

__device__ float warpSum(float value) {
  for (int half = WARP / 2; half > 0; half /= 2) value += __shfl_xor_sync(0xffffffffu, value, half);
  return value;
}

__device__ float warpMax(float value) {
  for (int half = WARP / 2; half > 0; half /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, half));
  return value;
}

// losses[row]: weighed, not yet reduced.
__global__ void rowLosses(SoftmaxCrossEntropy call, float* losses) {
  const int64_t row = blockIdx.x * static_cast<int64_t>(ROWS) + threadIdx.x / WARP;
  if (row >= call.batch) return;
  const int lane = threadIdx.x % WARP;
  const int64_t classes = call.labels.classes;
  const float* z = call.logits + row * classes;
  float* p = call.probabilities + row * classes;
  float most = -INFINITY;
  for (int64_t c = lane; c < classes; c += WARP) most = fmaxf(most, z[c]);
  most = warpMax(most);
  float sum = 0.0f;
  for (int64_t c = lane; c < classes; c += WARP) sum += expf(z[c] - most);
  sum = warpSum(sum);
  const float logSum = logf(sum);
  float loss = 0.0f;
  for (int64_t c = lane; c < classes; c += WARP) {
    const float shifted = z[c] - most;
    p[c] = expf(shifted) / sum;
    loss += lossTerm(labelOf(call.labels, row, c), logSum, shifted);
  }
  loss = warpSum(loss);
  if (lane == 0) losses[row] = sum > 0.0f ? loss * (call.weights ? call.weights[row] : 1.0f) : NAN;
}

// One block adds the rows' losses.
__global__ void addLosses(const float* losses, int64_t batch, float share, float* loss) {
  __shared__ double sums[THREADS];
  double sum = 0;
  for (int64_t row = threadIdx.x; row < batch; row += THREADS) sum += losses[row];
  sums[threadIdx.x] = sum;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) *loss = static_cast<float>(sums[0] * share);
}

__global__ void logitGradients(SoftmaxCrossEntropyGrad call) {
  const int64_t row = blockIdx.x * static_cast<int64_t>(ROWS) + threadIdx.x / WARP;
  if (row >= call.batch) return;
  const int lane = threadIdx.x % WARP;
  const int64_t classes = call.labels.classes;
  const float dy = call.dy[call.reduction == Reduction::none ? row : 0] * rowShare(call.reduction, call.batch);
  const float gradient = dy * (call.weights ? call.weights[row] : 1.0f);
  float wanted = 0.0f;
  for (int64_t c = lane; c < classes; c += WARP) wanted += labelOf(call.labels, row, c);
  wanted = warpSum(wanted);
  for (int64_t c = lane; c < classes; c += WARP) {
    const int64_t i = row * classes + c;
    call.dlogits[i] = dlogitOf(gradient, call.probabilities[i], wanted, labelOf(call.labels, row, c));
  }
}

}  // namespace

void softmaxCrossEntropyOnGpu(const SoftmaxCrossEntropy& call, float* scratch, void* stream) {
  const auto on = static_cast<cudaStream_t>(stream);
  const bool reduced = call.reduction != Reduction::none;
  rowLosses<<<static_cast<unsigned>(blocksOf(call.batch, ROWS)), THREADS, 0, on>>>(call, reduced ? scratch : call.loss);
  expectLaunched("rowLosses");
  if (!reduced) return;
  addLosses<<<1, THREADS, 0, on>>>(scratch, call.batch, rowShare(call.reduction, call.batch), call.loss);
  expectLaunched("addLosses");
}

void softmaxCrossEntropyGradOnGpu(const SoftmaxCrossEntropyGrad& call, void* stream) {
  logitGradients<<<static_cast<unsigned>(blocksOf(call.batch, ROWS)), THREADS, 0, static_cast<cudaStream_t>(stream)>>>(call);
  expectLaunched("logitGradients");
}

}  // namespace tfjs_cnn
