import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { WebglBackend } from './backend.js';
import { checkContext, checkMemory } from './errors.js';
import { alike, matricesOf, textureShape, textureWidth } from './layout.js';
import { type CompiledProgram, compileProgram } from './program.js';
import { pack, repacked } from './textures.js';

/** One draw: every fragment computes one texel of each output. */
export interface Launch {
  /** Op and part, for errors. */
  readonly name: string;
  readonly geometry: object;
  /** With the name and the inputs' names it tells the program: what `code` depends on. */
  readonly variant?: string | undefined;
  /** GLSL of the kernel, as ProgramSource has it. */
  code(): string;
  /** Tensors by the name under which the program reads them, at most 16. An absent one is left out. */
  readonly inputs: Named<TensorInfo>;
  readonly ints?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** Shapes of what it writes; all have equally many texels. */
  readonly outputs: readonly (readonly number[])[];
}

/** Numbers up to here are exact in float32. */
const COUNTED = 2 ** 24;

/** How kernels launch work on tfjs's `webgl` backend. Tensors are float32 and packed (layout.ts). */
export class WebglRunner {
  /** Textures that one program can write. */
  readonly attachments: number;
  private readonly backend: WebglBackend;
  private readonly gl: WebGL2RenderingContext;
  private readonly programs = new Map<string, CompiledProgram>();
  private readonly plans = new Map<string, { batch: number; plan: unknown }>();
  private readonly framebuffers: WebGLFramebuffer[] = [];
  private readonly vertexArray: WebGLVertexArrayObject;
  private bytes = 0;

  constructor(backend: object) {
    this.backend = backend as WebglBackend;
    this.gl = this.backend.gpgpu.gl;
    const { gl } = this;
    this.attachments = Math.min(8, gl.getParameter(gl.MAX_DRAW_BUFFERS), gl.getParameter(gl.MAX_COLOR_ATTACHMENTS));
    this.vertexArray = gl.createVertexArray()!;
  }

  /** Programs compiled so far. */
  get compiled(): number {
    return this.programs.size;
  }

  /** Runs a program and returns what it wrote. */
  run(launch: Launch): TensorInfo[] {
    const { backend } = this;
    checkContext(this.gl, launch.name, launch.geometry);
    const inputs: Named<TensorInfo> = {};
    const borrowed: TensorInfo[] = [];
    const inUse = new Set<object>();
    for (const [name, info] of Object.entries(launch.inputs)) {
      if (info === undefined) continue;
      const packed = pack(this, backend, info, inUse);
      inUse.add(info.dataId);
      if (packed !== info) borrowed.push(packed);
      inputs[name] = packed;
    }
    const written = this.draw({ ...launch, inputs });
    this.dispose(...borrowed);
    return written;
  }

  /** The same on inputs that lie as the program reads them. */
  draw(launch: Launch): TensorInfo[] {
    const { backend } = this;
    const { name, geometry } = launch;
    const written = launch.outputs.map((shape) => this.output([...shape]));
    const timer = backend.activeTimers && backend.startTimer();
    this.issue(launch, written);
    if (timer !== undefined) backend.activeTimers!.push({ name, query: backend.getQueryTime(backend.endTimer(timer)) });
    const { numBytesAllocated } = backend.textureManager;
    if (numBytesAllocated > this.bytes) checkMemory(this.gl, name, geometry, numBytesAllocated);
    this.bytes = numBytesAllocated;
    return written;
  }

  /**
   * How a kernel is cut for sizes that differ in the batch alone: as it suited the largest so far, so that the last, smaller batch of an
   * epoch compiles nothing.
   *
   * @param key   tells kernel and sizes but the batch's
   * @param batch what may differ
   */
  planned<Plan>(key: string, batch: number, plan: () => Plan): Plan {
    const known = this.plans.get(key);
    if (known && batch <= known.batch) return known.plan as Plan;
    const made = plan();
    this.plans.set(key, { batch, plan: made });
    return made;
  }

  /** The tensor in another shape: shared where it lies alike, else a copy. */
  reshaped(x: TensorInfo, shape: number[]): TensorInfo {
    const view = { ...x, shape };
    const data = this.backend.texData.get(x.dataId);
    if (!data.isPacked || data.texture == null || alike(data.shape, shape)) {
      this.backend.incRef(x.dataId);
      return view;
    }
    return repacked(this, view, data);
  }

  /** A packed tensor, uncleared. */
  output(shape: number[]): TensorInfo {
    const info = this.backend.makeTensorInfo(shape, 'float32');
    const data = this.backend.texData.get(info.dataId);
    data.isPacked = true;
    data.texShape = textureShape(matricesOf(shape).texels);
    this.backend.uploadToGPU(info.dataId);
    return info;
  }

  /** A line of numbers that a kernel reads, to be disposed by it. */
  constant(values: Float32Array): TensorInfo {
    return this.backend.makeTensorInfo([values.length], 'float32', values);
  }

  /** Lets go of a tensor that a kernel made for itself. */
  dispose(...infos: readonly TensorInfo[]): void {
    for (const info of infos) this.backend.disposeIntermediateTensorInfo(info);
  }

  private issue(launch: Launch, written: readonly TensorInfo[]): void {
    const { gl, backend } = this;
    const { inputs, ints = {}, floats = {} } = launch;
    const { texels } = matricesOf(written[0]!.shape);
    const widths = Object.values(inputs).map(({ shape }) => textureWidth(matricesOf(shape).texels));
    const width = textureWidth(texels);
    const { program, ints: intsAt, floats: floatsAt } = this.program(launch);
    gl.useProgram(program);
    gl.bindVertexArray(this.vertexArray);
    Object.values(inputs).forEach(({ dataId }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, backend.texData.get(dataId).texture!.texture);
    });
    gl.uniform1iv(intsAt, [width - 1, texels, ...widths.map((each) => each - 1), ...Object.values(ints)]);
    if (floatsAt) gl.uniform1fv(floatsAt, [...widths.map((each) => 1 / each), ...Object.values(floats)]);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer(written.length));
    written.forEach(({ dataId }, i) => {
      const { texture } = backend.texData.get(dataId).texture!;
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0);
    });
    const height = Math.ceil(texels / width);
    gl.viewport(0, 0, width, height);
    gl.scissor(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private program({ name, geometry, variant = '', code, inputs, ints = {}, floats = {}, outputs }: Launch): CompiledProgram {
    const names = Object.keys(inputs);
    const large = Object.values(inputs).some(({ shape }) => matricesOf(shape).texels > COUNTED);
    const key = `${name}|${names}|${variant}|${large}`;
    let compiled = this.programs.get(key);
    if (!compiled) {
      const source = {
        inputs: names,
        ints: Object.keys(ints),
        floats: Object.keys(floats),
        outputs: outputs.length,
        large,
        code: code(),
      };
      compiled = compileProgram(this.gl, source, name, geometry);
      this.programs.set(key, compiled);
    }
    return compiled;
  }

  /** A framebuffer of its own for each number of outputs: what is drawn to is its state. */
  private framebuffer(count: number): WebGLFramebuffer {
    const known = this.framebuffers[count];
    if (known) return known;
    const { gl } = this;
    const made = gl.createFramebuffer()!;
    gl.bindFramebuffer(gl.FRAMEBUFFER, made);
    gl.drawBuffers(Array.from({ length: count }, (_, i) => gl.COLOR_ATTACHMENT0 + i));
    this.framebuffers[count] = made;
    return made;
  }
}
