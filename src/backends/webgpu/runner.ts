import type { TensorInfo } from '@tensorflow/tfjs-core';
import { OutOfMemoryError } from '../wasm-cnn/runtime.js';
import { adapterOf, COMPUTE_STAGE, type WebgpuBackend } from './backend.js';
import { readBuffers } from './bind-layouts.js';
import { bufferOf, copyBuffer, submit } from './buffers.js';
import { type DeviceFailures, failuresOf } from './failures.js';
import { type Compiled, forEach, type Program, sourceOf, THREADS } from './program.js';
import { type TileChoice, tileChoiceOf } from './tiles.js';
import { UniformBuffers } from './uniforms.js';

/** Begins the labels of everything that is ours: messages of the driver name it. */
const LABEL = 'tfjs-cnn';

/** Launches between two submissions: few enough for the GPU to begin while the rest of a step is still written. */
const LAUNCHES = 256;

const toFloats = (): Program => ({
  reads: { x: 'i32' },
  writes: { y: 'f32' },
  uniforms: { size: 'u32' },
  text: forEach('u.size', '  y[i] = f32(x[i]);'),
});

/** How kernels launch work on tfjs's `webgpu` backend: in its command encoder, on its buffers. */
export class WebgpuRunner {
  private readonly programs = new Map<string, Compiled>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  private readonly uniforms: UniformBuffers;
  private readonly failures: DeviceFailures;
  private launches = 0;
  /** Which tiles products are cut into. */
  tiles: TileChoice;
  /** Whether workgroups put their values together by subgroups. */
  subgroups = false;
  /** Whether programs may have halves. */
  readonly shaderF16: boolean;

  constructor(private readonly backend: WebgpuBackend) {
    this.uniforms = new UniformBuffers(backend);
    this.failures = failuresOf(backend);
    this.tiles = tileChoiceOf(adapterOf(backend));
    this.shaderF16 = backend.device.features.has('shader-f16');
  }

  /** Programs compiled so far. */
  get compiled(): number {
    return this.programs.size;
  }

  /**
   * A program by its name and all that its text depends on, made where it is not there yet.
   *
   * @param name     op and part: 'conv2d dx'
   * @param geometry of the call, for the message where it does not compile
   */
  program(name: string, variant: string, geometry: object, make: () => Program): Compiled {
    const key = `${name} ${variant}`;
    const known = this.programs.get(key);
    if (known) return known;
    const compiled = this.failures.compiling(`${key} (${JSON.stringify(geometry)})`, () => this.compile(name, make()));
    this.programs.set(key, compiled);
    return compiled;
  }

  private compile(name: string, program: Program): Compiled {
    const { device } = this.backend;
    const label = `${LABEL} ${name}`;
    const layout = this.layout(Object.keys(program.reads).length, Object.keys(program.writes).length);
    const module = device.createShaderModule({ code: sourceOf(program, this.subgroups), label });
    const pipeline = device.createComputePipeline({
      compute: { module, entryPoint: 'main' },
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      label,
    });
    const buffers = [...Object.keys(program.reads), ...Object.keys(program.writes)];
    return { name, pipeline, layout, buffers, uniforms: Object.entries(program.uniforms) };
  }

  /** Said, not derived from the program, which may leave a buffer unused. */
  private layout(reads: number, writes: number): GPUBindGroupLayout {
    const key = `${reads} ${writes}`;
    const known = this.layouts.get(key);
    if (known) return known;
    const types: GPUBufferBindingType[] = [
      ...Array<GPUBufferBindingType>(reads).fill('read-only-storage'),
      ...Array<GPUBufferBindingType>(writes).fill('storage'),
      'uniform',
    ];
    const entries = types.map((type, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer: { type } }));
    const layout = this.backend.device.createBindGroupLayout({ entries, label: LABEL });
    this.layouts.set(key, layout);
    readBuffers.set(layout, reads);
    return layout;
  }

  /** A new float32 tensor, not cleared. @throws OutOfMemoryError where no buffer of this device holds it */
  output(shape: number[]): TensorInfo {
    const bytes = 4 * shape.reduce((product, length) => product * length, 1);
    const { maxStorageBufferBindingSize, maxBufferSize } = this.backend.device.limits;
    const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (bytes > most) {
      throw new OutOfMemoryError(
        `webgpu: a tensor [${shape}] takes ${bytes} bytes, this device's buffers ${most}; use a smaller batch`,
      );
    }
    const info = this.backend.makeTensorInfo(shape, 'float32');
    this.backend.uploadToGPU(info.dataId);
    return info;
  }

  /** A line of numbers that a kernel reads, to be disposed by it. */
  constant(values: Float32Array): TensorInfo {
    return this.backend.makeTensorInfo([values.length], 'float32', values);
  }

  /** A tensor that a kernel needs on its way; its buffer is the next one's. */
  withScratch<T>(size: number, use: (scratch: TensorInfo) => T): T {
    const scratch = this.output([size]);
    try {
      return use(scratch);
    } finally {
      this.dispose(scratch);
    }
  }

  /** Lets a tensor go that nobody was given. Launches that read it may still wait. */
  dispose({ dataId }: TensorInfo): void {
    this.backend.disposeData(dataId);
  }

  /** A tensor with the input's values, to be written over: the input itself where no other tensor shares its data. */
  renewed(input: TensorInfo): TensorInfo {
    if (!this.holdsFloats(input)) return this.converted(input);
    const { backend } = this;
    const { dataId, shape, dtype } = input;
    backend.uploadToGPU(dataId);
    if (backend.refCount(dataId) === 1) {
      // What was read of it is not what will stand there.
      backend.tensorMap.get(dataId).values = undefined;
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    }
    const copy = this.output(shape);
    copyBuffer(backend, bufferOf(backend, input), bufferOf(backend, copy));
    return copy;
  }

  /**
   * Launches a program.
   *
   * @param tensors  by the program's names
   * @param numbers  its uniforms
   * @param groups   workgroups
   * @param changing whether the numbers are others at each step
   */
  launch(
    program: Compiled,
    tensors: Readonly<Record<string, TensorInfo | undefined>>,
    numbers: Readonly<Record<string, number>>,
    groups: number,
    changing = false,
  ): void {
    this.failures.check();
    const converted: TensorInfo[] = [];
    const buffers = program.buffers.map((name) => {
      const tensor = tensors[name]!;
      const floats = this.holdsFloats(tensor) ? tensor : this.converted(tensor);
      if (floats !== tensor) converted.push(floats);
      return bufferOf(this.backend, floats);
    });
    this.record(program, [...buffers, this.uniforms.of(program, numbers, changing)], groups);
    for (const floats of converted) this.dispose(floats);
    if (this.backend.activeTimers) this.time(program.name);
    else if (++this.launches >= LAUNCHES) this.submit();
  }

  /** Launches a program that gives each of `count` elements a thread. */
  launchForEach(
    program: Compiled,
    tensors: Readonly<Record<string, TensorInfo | undefined>>,
    numbers: Readonly<Record<string, number>>,
    count: number,
    changing = false,
  ): void {
    this.launch(program, tensors, numbers, Math.ceil(count / THREADS), changing);
  }

  private record({ name, pipeline, layout }: Compiled, buffers: readonly GPUBuffer[], groups: number): void {
    const { device } = this.backend;
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const bindGroup = device.createBindGroup({ layout, entries, label: `${LABEL} ${name}` });
    const pass = this.pass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    const rows = Math.ceil(groups / device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
  }

  private holdsFloats({ dataId }: TensorInfo): boolean {
    return this.backend.tensorMap.get(dataId).dtype === 'float32';
  }

  /** What tfjs calls floats and are integers still, as floats. */
  private converted(tensor: TensorInfo): TensorInfo {
    const floats = this.output(tensor.shape);
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    const program = this.program('cast', '', tensor.shape, toFloats);
    const buffers = [tensor, floats].map((each) => bufferOf(this.backend, each));
    this.record(program, [...buffers, this.uniforms.of(program, { size }, false)], Math.ceil(size / THREADS));
    return floats;
  }

  /** The pass that tfjs's programs go into, too. */
  private pass(): GPUComputePassEncoder {
    const { backend } = this;
    const timed = backend.activeTimers && backend.supportTimestampQuery;
    if (timed) backend.endComputePassEncoder();
    else if (backend.computePassEncoder) return backend.computePassEncoder;
    backend.ensureCommandEncoderReady();
    let timestampWrites: GPUComputePassTimestampWrites | undefined;
    if (timed) {
      backend.querySet ??= backend.device.createQuerySet({ type: 'timestamp', count: backend.querySetCount });
      timestampWrites = { querySet: backend.querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    }
    backend.computePassEncoder = backend.commandEncoder!.beginComputePass({ timestampWrites });
    return backend.computePassEncoder;
  }

  /** As tfjs times its own programs. */
  private time(name: string): void {
    this.backend.endComputePassEncoder();
    this.backend.activeTimers!.push({ name, query: this.backend.getQueryTime() });
  }

  /** Sends what was launched to the GPU. */
  submit(): void {
    this.launches = 0;
    submit(this.backend);
  }
}
