import type { WebgpuBackend } from './backend.js';
import type { Program } from './program.js';
import type { WebgpuRunner } from './runner.js';
import { TEAM } from './workgroup-sum.js';

/** Each thread writes how many lanes its subgroup has, or 0 where a lane's neighbours are not the threads beside it. */
const program = (): Program => ({
  reads: {},
  writes: { y: 'f32' },
  uniforms: { size: 'u32' },
  enables: ['subgroups'],
  text: `
@compute @workgroup_size(${TEAM})
fn main(@builtin(local_invocation_index) local: u32) {
  let lanes = subgroupAdd(1u);
  var right = ${TEAM}u % lanes == 0u;
  for (var apart = 1u; apart < lanes; apart *= 2u) {
    right = right && subgroupShuffleXor(local, apart) == (local ^ apart);
  }
  y[local % u.size] = select(0.0, f32(lanes), right);
}`,
});

/**
 * Whether a workgroup's threads can be told by their numbers in their subgroups: WebGPU does not promise that subgroups are threads side
 * by side, all there are known to do so have them. Asked of the device once.
 */
export async function subgroupsInOrder(backend: WebgpuBackend, runner: WebgpuRunner): Promise<boolean> {
  if (!backend.device.features.has('subgroups')) return false;
  const y = runner.output([TEAM]);
  try {
    runner.launch(runner.program('subgroups', '', {}, program), { y }, { size: TEAM }, 1);
    const lanes = (await backend.read(y.dataId)) as Float32Array;
    return lanes[0]! > 1 && lanes.every((count) => count === lanes[0]);
  } finally {
    runner.dispose(y);
  }
}
