import { type KernelConfig, type Tensor, type TensorInfo, tidy, util, type Variable } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../backends/kernel-host.js';
import type { KernelCall, KernelListener } from '../../backends/kernel-listener.js';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import type { Named } from '../../kernels.js';
import { kernelName } from '../../op-kernels.js';
import { listeningToRenewals } from '../../renewal.js';
import type { Call, Numbers, Origin, Recording, ShapedValue, Value } from './recording.js';
import { registeredVariables } from './registered-variables.js';
import { RenewalLog } from './renewal-log.js';

/** Kernels of tfjs that draw random numbers, or whose outputs' sizes follow from values. */
const UNSTEADY = /^(Multinomial|NonMaxSuppression|Ragged|Sparse|String|StaticRegex|Unique|Where)/;

/** Takes down what a step that runs eagerly does on the backend. */
export class Recorder implements KernelListener {
  private readonly calls: Call[] = [];
  private readonly renewals = new RenewalLog();
  /** The value that each data id stands for now. */
  private readonly current = new Map<object, Value>();
  private readonly constants = new Map<object, Numbers>();
  private readonly values: Value[] = [];
  /** Variables and their data when the step began; and whose data it was. */
  private readonly before = new Map<Variable, object>();
  private readonly owner = new Map<object, Variable>();
  private readonly made = new Set<object>();
  private complaint: string | undefined;
  private paused = false;

  private constructor(
    private readonly backend: WasmCnnBackend,
    inputs: readonly Tensor[],
  ) {
    for (const variable of registeredVariables()) {
      this.before.set(variable, variable.dataId);
      this.owner.set(variable.dataId, variable);
    }
    inputs.forEach((input, index) => {
      this.introduce(input, { from: 'input', index });
    });
  }

  /** Runs the step, and says what it did. */
  static record(backend: WasmCnnBackend, inputs: Tensor[], step: (inputs: Tensor[]) => Tensor[]): [Tensor[], Recording] {
    const recorder = new Recorder(backend, inputs);
    backend.listener = recorder;
    try {
      const outputs = listeningToRenewals(recorder.renewals, () => tidy(() => step(inputs)));
      return [outputs, recorder.finish(outputs)];
    } finally {
      backend.listener = undefined;
    }
  }

  ran(op: ReadyOp<object>, part: string, inputs: Named<TensorInfo>, outputs: readonly TensorInfo[], geometry: object): void {
    const { inputs: names, outputs: declared } = op.parts[part]!;
    const reads: Named<Value | undefined> = {};
    for (const name of names) reads[name] = inputs[name] && this.valueOf(inputs[name]);
    const writes: Named<Value> = {};
    Object.keys(declared).forEach((name, i) => {
      writes[name] = this.define(outputs[i]!);
    });
    this.calls.push({ op, part, reads, writes, geometry, renewal: this.renewals.placeOf(geometry) });
  }

  runStock(kernel: KernelConfig, call: KernelCall): TensorInfo | TensorInfo[] {
    const outer = this.paused;
    this.paused = true;
    let result: TensorInfo | TensorInfo[];
    try {
      result = kernel.kernelFunc(call);
    } finally {
      this.paused = outer;
    }
    if (!outer) this.stockRan(kernel, call, [result].flat() as TensorInfo[]);
    return result;
  }

  wrote(dataId: object, values: ArrayLike<unknown>): void {
    if (this.paused) return;
    this.made.add(dataId);
    if (ArrayBuffer.isView(values)) this.constants.set(dataId, (values as unknown as Numbers).slice());
  }

  read(): void {
    if (!this.paused) this.complain('values are read while the step runs, so what it computes may depend on them');
  }

  private stockRan(kernel: KernelConfig, { inputs, attrs }: KernelCall, outputs: readonly TensorInfo[]): void {
    const given = Object.entries(inputs as Named<TensorInfo>).filter(([, info]) => info?.dataId);
    // Views: the same data in another shape.
    if (outputs.every(({ dataId }) => given.some(([, info]) => info.dataId === dataId))) return;
    if (UNSTEADY.test(kernel.kernelName)) this.complain(`tfjs's ${kernel.kernelName} does not compute the same each time`);
    this.calls.push({
      kernel,
      inputs: Object.fromEntries(given.map(([name, info]) => [name, shaped(this.valueOf(info), info)])),
      listed: Array.isArray(inputs),
      attrs: attrs as Extract<Call, { kernel: KernelConfig }>['attrs'],
      outputs: outputs.map((info) => shaped(this.define(info), info)),
    });
  }

  private complain(what: string): void {
    this.complaint ??= what;
  }

  /** A new value that stands in this data from now on. */
  private introduce({ dataId, dtype, shape }: TensorInfo, origin: Origin): Value {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') this.complain(`there is a tensor of type ${dtype}`);
    const length = util.sizeFromShape(shape);
    const value: Value = { id: this.values.length, origin, dtype, length, bytes: length * (dtype === 'bool' ? 1 : 4) };
    this.values.push(value);
    this.current.set(dataId, value);
    return value;
  }

  private define(info: TensorInfo): Value {
    this.made.add(info.dataId);
    return this.introduce(info, { from: 'call' });
  }

  private valueOf(info: TensorInfo): Value {
    return this.current.get(info.dataId) ?? this.introduce(info, this.originOf(info));
  }

  private originOf(tensor: TensorInfo): Origin {
    const { dataId } = tensor;
    const values = this.constants.get(dataId);
    if (values) return { from: 'constant', values };
    const variable = this.owner.get(dataId);
    return variable ? { from: 'variable', variable } : { from: 'outside', tensor };
  }

  private finish(results: readonly Tensor[]): Recording {
    const outputs = results.map((tensor) => shaped(this.valueOf(tensor), tensor));
    const assigned = new Map<Variable, Value>();
    const kept = new Set<object>(results.map(({ dataId }) => dataId));
    for (const variable of registeredVariables()) {
      const { dataId } = variable;
      kept.add(dataId);
      const dataBefore = this.before.get(variable);
      if (!dataBefore) this.complain(`it makes a variable, '${variable.name}'`);
      const value = this.current.get(dataId);
      if (dataId !== dataBefore) assigned.set(variable, this.valueOf(variable));
      else if (value && value.origin.from !== 'variable') assigned.set(variable, value);
    }
    for (const [variable, { origin }] of assigned) {
      if (origin.from === 'variable') this.complain(`it gives '${variable.name}' what '${origin.variable.name}' held`);
    }
    for (const variable of this.before.keys()) {
      if (variable.isDisposed) this.complain(`it disposes a variable, '${variable.name}'`);
    }
    for (const dataId of this.made) {
      if (!kept.has(dataId) && this.backend.data.has(dataId)) this.complain('it keeps a tensor that is no tf.Variable');
    }
    const read = this.values.flatMap(({ origin }) => (origin.from === 'variable' ? [origin.variable] : []));
    const variables = [...new Set([...read, ...assigned.keys()])];
    return { calls: this.calls, renewals: this.renewals.all, outputs, assigned, variables, complaint: this.complaint };
  }
}

const shaped = (value: Value, { shape, dtype }: TensorInfo): ShapedValue => ({ value, shape: [...shape], dtype });

/** What a call is, for messages. */
export function nameOf(call: Call): string {
  return 'op' in call ? kernelName(call.op.name, call.part) : call.kernel.kernelName;
}
