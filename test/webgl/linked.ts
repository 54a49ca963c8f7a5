import * as tf from '@tensorflow/tfjs-core';

/** Runs it; how many programs it made, whoever's they are. */
export async function linked<T>(run: () => T | Promise<T>): Promise<{ result: T; programs: number }> {
  const { gl } = (tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu;
  const link = gl.linkProgram;
  let programs = 0;
  gl.linkProgram = (program) => {
    programs++;
    link.call(gl, program);
  };
  try {
    const result = await run();
    return { result, programs };
  } finally {
    gl.linkProgram = link;
  }
}
