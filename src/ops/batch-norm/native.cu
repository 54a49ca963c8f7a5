// Batch normalisation on a GPU: what is to be known of pieces of the rows, from that of each channel, then y or dx.
// No atomics: sums are added in an order that follows from sizes alone.
#include "../../backends/tensorflow/native/launch.cuh"
#include "native.h"

namespace tfjs_cnn {
namespace {

// Rows that one thread adds in float.
constexpr int64_t ROWS_PER_THREAD = 64;
constexpr int64_t MOST_PIECES = 4096;
// Numbers a channel that the last pass reads.
constexpr int64_t COEFFICIENTS = 5;

// Blocks are `lanes` channels wide, so that neighbouring threads read neighbouring numbers, and `height` rows high.
struct Cut {
  int lanes = 1, height = 1;
  int64_t rowsPerPiece, pieces;

  Cut(int64_t rows, int64_t channels) {
    while (lanes < 32 && lanes < channels) lanes *= 2;
    height = THREADS / lanes;
    rowsPerPiece = height * ROWS_PER_THREAD;
    while (blocksOf(rows, rowsPerPiece) > MOST_PIECES) rowsPerPiece *= 2;
    pieces = blocksOf(rows, rowsPerPiece);
  }
};

// Adds up what the rows of a block hold, `kinds` numbers a thread; the sums are in the first row's threads.
template <int kinds>
__device__ void addUp(float (&sums)[kinds][THREADS], int at) {
  for (int half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.y < half) {
      for (int k = 0; k < kinds; k++) sums[k][at] += sums[k][at + half * blockDim.x];
    }
  }
  __syncthreads();
}

// partial[piece][0..2][channel]: the piece's mean, rounded, and sums of x - that and of its square.
__global__ void pieceMoments(BatchNorm call, int64_t rowsPerPiece, float* partial) {
  __shared__ float mean[1][THREADS];
  __shared__ float sums[2][THREADS];
  const int64_t c = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
  const int at = threadIdx.y * blockDim.x + threadIdx.x;
  const int64_t begin = blockIdx.y * rowsPerPiece;
  const int64_t end = begin + rowsPerPiece < call.rows ? begin + rowsPerPiece : call.rows;
  float sum = 0.0f;
  if (c < call.channels) {
    for (int64_t row = begin + threadIdx.y; row < end; row += blockDim.y) sum += call.x[row * call.channels + c];
  }
  mean[0][at] = sum;
  addUp(mean, at);
  const float pivot = mean[0][threadIdx.x] / static_cast<float>(end - begin);
  float centredSum = 0.0f;
  float squares = 0.0f;
  if (c < call.channels) {
    for (int64_t row = begin + threadIdx.y; row < end; row += blockDim.y) {
      const float centred = call.x[row * call.channels + c] - pivot;
      centredSum += centred;
      squares += centred * centred;
    }
  }
  sums[0][at] = centredSum;
  sums[1][at] = squares;
  addUp(sums, at);
  if (threadIdx.y == 0 && c < call.channels) {
    const float values[3] = {pivot, sums[0][at], sums[1][at]};
    for (int k = 0; k < 3; k++) partial[(blockIdx.y * 3 + k) * call.channels + c] = values[k];
  }
}

// One thread joins the moments of a channel's pieces.
__global__ void joinPieces(BatchNorm call, int64_t rowsPerPiece, int64_t pieces, const float* partial) {
  const int64_t c = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
  if (c >= call.channels) return;
  Moments all = {0.0, 0.0, 0.0};
  for (int64_t piece = 0; piece < pieces; piece++) {
    const float* of = partial + piece * 3 * call.channels + c;
    const int64_t left = call.rows - piece * rowsPerPiece;
    const double count = static_cast<double>(left < rowsPerPiece ? left : rowsPerPiece);
    all = joined(all, around(of[0], count, of[call.channels], of[2 * call.channels]));
  }
  writeStatistics(call, c, all);
}

__global__ void normalise(BatchNorm call) {
  const int64_t size = call.rows * call.channels;
  for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < size; i += gridDim.x * blockDim.x) {
    const int64_t c = i % call.channels;
    const float scale = scaleOf(call.gamma ? call.gamma[c] : 1.0f, call.variance[c], call.epsilon);
    call.y[i] = normal(call.x[i] - call.mean[c], scale, call.beta ? call.beta[c] : 0.0f, call.relu);
  }
}

// partial[piece][0 or 1][channel]: sums of dz and of dz (x - mean). One thread adds every `height`-th row of a piece, of one channel.
__global__ void sumPieces(BatchNormGrad call, int64_t rowsPerPiece, float* partial) {
  __shared__ float sums[2][THREADS];
  const int64_t c = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
  float sum = 0.0f;
  float weighted = 0.0f;
  if (c < call.channels) {
    const float mean = call.mean[c];
    const float scale = maskScale(call.gamma ? call.gamma[c] : 1.0f, call.variance[c], call.epsilon, call.relu);
    const float offset = maskOffset(call.beta ? call.beta[c] : 0.0f, call.relu);
    const int64_t begin = blockIdx.y * rowsPerPiece;
    const int64_t end = begin + rowsPerPiece < call.rows ? begin + rowsPerPiece : call.rows;
    for (int64_t row = begin + threadIdx.y; row < end; row += blockDim.y) {
      const int64_t i = row * call.channels + c;
      const float centred = call.x[i] - mean;
      const float dz = beforeRelu(call.dy[i], centred, scale, offset);
      sum += dz;
      weighted += dz * centred;
    }
  }
  const int at = threadIdx.y * blockDim.x + threadIdx.x;
  sums[0][at] = sum;
  sums[1][at] = weighted;
  addUp(sums, at);
  if (threadIdx.y == 0 && c < call.channels) {
    for (int k = 0; k < 2; k++) partial[(blockIdx.y * 2 + k) * call.channels + c] = sums[k][at];
  }
}

// One thread computes a channel's gradients and coefficients[0..4][channel].
__global__ void addPieces(BatchNormGrad call, int64_t pieces, const float* partial, float* coefficients) {
  const int64_t c = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
  if (c >= call.channels) return;
  double sum = 0;
  double weighted = 0;
  for (int64_t piece = 0; piece < pieces; piece++) {
    sum += partial[piece * 2 * call.channels + c];
    weighted += partial[(piece * 2 + 1) * call.channels + c];
  }
  const float gamma = call.gamma ? call.gamma[c] : 1.0f;
  const ChannelGradient gradient =
      channelGradient(sum, weighted, gamma, call.variance[c], call.epsilon, static_cast<double>(call.rows));
  call.dgamma[c] = gradient.dgamma;
  call.dbeta[c] = gradient.dbeta;
  const float values[COEFFICIENTS] = {maskScale(gamma, call.variance[c], call.epsilon, call.relu),
                                      maskOffset(call.beta ? call.beta[c] : 0.0f, call.relu), gradient.scale, gradient.meanDz,
                                      gradient.slope};
  for (int k = 0; k < COEFFICIENTS; k++) coefficients[k * call.channels + c] = values[k];
}

__global__ void inputGradients(BatchNormGrad call, const float* coefficients) {
  const int64_t n = call.channels;
  const int64_t size = call.rows * n;
  for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < size; i += gridDim.x * blockDim.x) {
    const int64_t c = i % n;
    const float centred = call.x[i] - call.mean[c];
    const float dz = beforeRelu(call.dy[i], centred, coefficients[c], coefficients[n + c]);
    call.dx[i] = dxOf(dz, centred, coefficients[2 * n + c], coefficients[3 * n + c], coefficients[4 * n + c]);
  }
}

}  // namespace

int64_t batchNormScratch(int64_t rows, int64_t channels) { return 3 * Cut(rows, channels).pieces * channels; }

void batchNormOnGpu(const BatchNorm& call, float* scratch, void* stream) {
  const Cut cut(call.rows, call.channels);
  const auto on = static_cast<cudaStream_t>(stream);
  const dim3 grid(static_cast<unsigned>(blocksOf(call.channels, cut.lanes)), static_cast<unsigned>(cut.pieces));
  pieceMoments<<<grid, dim3(cut.lanes, cut.height), 0, on>>>(call, cut.rowsPerPiece, scratch);
  expectLaunched("pieceMoments");
  joinPieces<<<loopBlocks(call.channels), THREADS, 0, on>>>(call, cut.rowsPerPiece, cut.pieces, scratch);
  expectLaunched("joinPieces");
  normalise<<<loopBlocks(call.rows * call.channels), THREADS, 0, on>>>(call);
  expectLaunched("normalise");
}

int64_t batchNormGradScratch(int64_t rows, int64_t channels) {
  return (2 * Cut(rows, channels).pieces + COEFFICIENTS) * channels;
}

void batchNormGradOnGpu(const BatchNormGrad& call, float* scratch, void* stream) {
  const Cut cut(call.rows, call.channels);
  const auto on = static_cast<cudaStream_t>(stream);
  float* coefficients = scratch + 2 * cut.pieces * call.channels;
  const dim3 grid(static_cast<unsigned>(blocksOf(call.channels, cut.lanes)), static_cast<unsigned>(cut.pieces));
  sumPieces<<<grid, dim3(cut.lanes, cut.height), 0, on>>>(call, cut.rowsPerPiece, scratch);
  expectLaunched("sumPieces");
  addPieces<<<loopBlocks(call.channels), THREADS, 0, on>>>(call, cut.pieces, scratch, coefficients);
  expectLaunched("addPieces");
  inputGradients<<<loopBlocks(call.rows * call.channels), THREADS, 0, on>>>(call, coefficients);
  expectLaunched("inputGradients");
}

}  // namespace tfjs_cnn
