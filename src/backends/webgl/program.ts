import { described } from './errors.js';

/** What a program is made of. */
export interface ProgramSource {
  /** Names of its inputs: `vec4 x(int texel)` reads one. */
  readonly inputs: readonly string[];
  /** Names of its numbers, each readable under its name. */
  readonly ints: readonly string[];
  readonly floats: readonly string[];
  /** How many textures it writes: out0, out1, ... */
  readonly outputs: number;
  /** Whether a tensor has more texels than float32 counts exactly. */
  readonly large: boolean;
  /** GLSL: functions, the last of which is `void compute(int texel)`. */
  readonly code: string;
}

/** A program on the GPU and where its uniforms are. */
export interface CompiledProgram {
  readonly program: WebGLProgram;
  readonly ints: WebGLUniformLocation | null;
  readonly floats: WebGLUniformLocation | null;
}

/** One triangle over everything: one fragment a texel. */
const VERTEX = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0., 1.); }`;

/**
 * a / b, rounded down, for 0 <= a, 0 < b: a quotient of floats, put right by what it leaves. Integers are divided lane by lane where the
 * GPU is a processor.
 */
const QUOTIENT = `int quotient(int a, int b) {
  if (b >= 262144) return a / b;
  int near = int(float(a) / float(b));
  return near + int(floor((float(a - near * b) + .5) / float(b)));
}`;

/**
 * What stands before every kernel: its inputs, numbers and outputs by name. A texel's row is found by a product: shifts by what is not
 * known before are slow where the GPU is a processor's vector unit, and integer division is everywhere.
 */
export function fragmentSource({ inputs, ints, floats, outputs, large, code }: ProgramSource): string {
  const lines = ['#version 300 es', 'precision highp float;', 'precision highp int;', 'precision highp sampler2D;'];
  for (let i = 0; i < outputs; i++) lines.push(`layout(location = ${i}) out vec4 out${i};`);
  // First widths of textures, the output's and each input's, less 1, and how many texels there are to write.
  lines.push(`uniform int ints[${2 + inputs.length + ints.length}];`, `uniform float floats[${inputs.length + floats.length}];`);
  inputs.forEach((name, i) => {
    const mask = `ints[${2 + i}]`;
    const row = large ? `texel / (${mask} + 1)` : `int(float(texel) * floats[${i}])`;
    lines.push(
      `uniform sampler2D ${name}Texture;`,
      `vec4 ${name}(int texel) { return texelFetch(${name}Texture, ivec2(texel & ${mask}, ${row}), 0); }`,
    );
  });
  lines.push(large ? 'int quotient(int a, int b) { return a / b; }' : QUOTIENT);
  ints.forEach((name, i) => {
    lines.push(`#define ${name} ints[${2 + inputs.length + i}]`);
  });
  floats.forEach((name, i) => {
    lines.push(`#define ${name} floats[${inputs.length + i}]`);
  });
  lines.push(
    code,
    'void main() {',
    '  int texel = int(gl_FragCoord.y) * (ints[0] + 1) + int(gl_FragCoord.x);',
    '  if (texel >= ints[1]) return;',
    '  compute(texel);',
    '}',
  );
  return lines.join('\n');
}

function shader(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const made = gl.createShader(type)!;
  gl.shaderSource(made, source);
  gl.compileShader(made);
  return made;
}

/** @throws naming op and geometry, with what the driver's compiler says */
export function compileProgram(
  gl: WebGL2RenderingContext,
  parts: ProgramSource,
  name: string,
  geometry: object,
): CompiledProgram {
  const program = gl.createProgram()!;
  const shaders = [shader(gl, gl.VERTEX_SHADER, VERTEX), shader(gl, gl.FRAGMENT_SHADER, fragmentSource(parts))];
  for (const each of shaders) gl.attachShader(program, each);
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = [...shaders.map((each) => gl.getShaderInfoLog(each)), gl.getProgramInfoLog(program)];
    gl.deleteProgram(program);
    throw new Error(`${described(name, geometry)}: the program does not compile: ${logs.filter(Boolean).join('\n')}`);
  }
  for (const each of shaders) gl.deleteShader(each);
  gl.useProgram(program);
  parts.inputs.forEach((input, unit) => {
    gl.uniform1i(gl.getUniformLocation(program, `${input}Texture`), unit);
  });
  return { program, ints: gl.getUniformLocation(program, 'ints'), floats: gl.getUniformLocation(program, 'floats') };
}
