import { type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { type Launch, type LaunchWatcher, watchingLaunches } from '../../../backends/launch-watcher.js';
import type { Binding, NodeBackend, Numbers, OpAttribute } from '../../../backends/tensorflow/binding.js';
import { handleOf } from '../../../backends/tensorflow/handles.js';
import { listeningToRenewals } from '../../../renewal.js';
import { registeredVariables } from '../registered-variables.js';
import { RenewalLog } from '../renewal-log.js';
import type { Step } from '../step-player.js';
import type { Call, Origin, Recording, ShapedValue, Value } from './recording.js';

/** Ops that draw random numbers. */
const UNSTEADY = /Random|Multinomial|TruncatedNormal|ParameterizedNormal/;

/** Takes down what a step that runs eagerly asks of TensorFlow. */
export class Recorder implements LaunchWatcher {
  private readonly origins: Origin[] = [];
  private readonly calls: Call[] = [];
  private readonly renewals = new RenewalLog();
  /** The value behind each handle. No handle is ever given twice. */
  private readonly values = new Map<number, Value>();
  /** Variables, and their handles when the step began. */
  private readonly before = new Map<Variable, number>();
  private readonly owners = new Map<number, Variable>();
  /** Handles that were made and are still there. */
  private readonly made = new Set<number>();
  private complaint: string | undefined;
  /** Whether a kernel runs that is to run at each step. */
  private paused = false;
  /** The kernel of ours that runs. */
  private running: string | undefined;

  private constructor(
    private readonly backend: NodeBackend,
    /** Names of kernels that look at numbers: what they do then is their own affair. */
    private readonly lookers: Set<string>,
    inputs: readonly Tensor[],
  ) {
    for (const variable of registeredVariables()) {
      const handle = handleOf(backend, variable);
      this.before.set(variable, handle);
      this.owners.set(handle, variable);
    }
    inputs.forEach((input, index) => {
      this.introduce(handleOf(backend, input), { from: 'input', index });
    });
  }

  /**
   * Runs the step, and says what it did.
   * @param lookers gains the names of kernels that look at numbers
   */
  static record(backend: NodeBackend, lookers: Set<string>, inputs: Tensor[], step: Step): [Tensor[], Recording] {
    const recorder = new Recorder(backend, lookers, inputs);
    const { binding } = backend;
    backend.binding = recorder.listeningTo(binding);
    try {
      const run = () => tidy(() => step(inputs));
      const outputs = watchingLaunches(recorder, () => listeningToRenewals(recorder.renewals, run));
      return [outputs, recorder.finish(outputs)];
    } finally {
      backend.binding = binding;
    }
  }

  launched({ name, inputs, geometries, attributes }: Launch, run: () => Tensor[]): Tensor[] {
    if (this.paused) return run();
    const renewals = geometries.map((geometry) => this.renewals.placeOf(geometry));
    const anew = this.lookers.has(name) || renewals.some((renewal) => renewal !== undefined);
    const given = anew ? Object.entries(inputs).map(([input, tensor]) => ({ name: input, ...this.shaped(tensor) })) : [];
    const outer = this.running;
    this.running = name;
    this.paused = anew;
    let outputs: Tensor[];
    try {
      outputs = run();
    } finally {
      this.running = outer;
      this.paused = false;
    }
    if (anew) {
      const reads = given.map(({ value }) => value);
      const writes = outputs.map((output) => this.introduce(handleOf(this.backend, output), { from: 'call' }));
      this.calls.push({ name, geometries, attributes, inputs: given, renewals, reads, writes });
    }
    return outputs;
  }

  /** The addon, which is listened to. */
  private listeningTo(binding: Binding): Binding {
    const listening: Pick<Binding, 'executeOp' | 'createTensor' | 'deleteTensor' | 'tensorDataSync'> = {
      executeOp: (name, attributes, inputs, outputs) => {
        const made = binding.executeOp(name, attributes, inputs, outputs);
        this.executed(
          name,
          attributes,
          inputs,
          made.map(({ id }) => id),
        );
        return made;
      },
      createTensor: (shape, type, values) => {
        const handle = binding.createTensor(shape, type, values);
        this.created(handle, shape, type, values);
        return handle;
      },
      deleteTensor: (handle) => {
        this.made.delete(handle);
        binding.deleteTensor(handle);
      },
      tensorDataSync: (handle) => {
        this.looked();
        return binding.tensorDataSync(handle);
      },
    };
    // The addon's own properties cannot be written, but hidden.
    return Object.create(binding, Object.getOwnPropertyDescriptors(listening)) as Binding;
  }

  private executed(name: string, options: readonly OpAttribute[], inputs: readonly number[], outputs: readonly number[]): void {
    for (const handle of outputs) this.made.add(handle);
    if (this.paused) return;
    const reads = inputs.map((handle) => this.valueOf(handle));
    if (name === 'Identity') {
      this.values.set(outputs[0]!, reads[0]!);
      return;
    }
    if (UNSTEADY.test(name)) this.complain(`TensorFlow's ${name} does not compute the same each time`);
    const writes = outputs.map((handle) => this.introduce(handle, { from: 'call' }));
    this.calls.push({ name, options: [...options], reads, writes });
  }

  private created(handle: number, shape: readonly number[], type: number, values: Numbers): void {
    this.made.add(handle);
    if (this.paused) return;
    if (ArrayBuffer.isView(values)) this.introduce(handle, { from: 'constant', shape: [...shape], type, values: values.slice() });
    else this.complain('there is a tensor of text');
  }

  private looked(): void {
    if (this.paused) return;
    if (this.running) this.lookers.add(this.running);
    this.complain('values are read while the step runs, so what it computes may depend on them');
  }

  private complain(what: string): void {
    this.complaint ??= what;
  }

  private introduce(handle: number, origin: Origin): Value {
    this.values.set(handle, this.origins.length);
    this.origins.push(origin);
    return this.origins.length - 1;
  }

  private valueOf(handle: number): Value {
    const known = this.values.get(handle);
    if (known !== undefined) return known;
    const variable = this.owners.get(handle);
    return this.introduce(handle, variable ? { from: 'variable', variable } : { from: 'outside', handle });
  }

  private shaped(tensor: Tensor): ShapedValue {
    return { value: this.valueOf(handleOf(this.backend, tensor)), shape: [...tensor.shape], dtype: tensor.dtype };
  }

  private finish(results: readonly Tensor[]): Recording {
    const { backend, before, origins, calls, renewals } = this;
    const outputs = results.map((tensor) => this.shaped(tensor));
    const assigned = new Map<Variable, Value>();
    const kept = new Set(results.map((tensor) => handleOf(backend, tensor)));
    for (const variable of registeredVariables()) {
      const handle = handleOf(backend, variable);
      kept.add(handle);
      if (!before.has(variable)) this.complain(`it makes a variable, '${variable.name}'`);
      if (handle !== before.get(variable)) assigned.set(variable, this.valueOf(handle));
    }
    for (const [{ name }, value] of assigned) {
      const origin = origins[value]!;
      if (origin.from === 'variable') this.complain(`it gives '${name}' what '${origin.variable.name}' held`);
    }
    for (const variable of before.keys()) {
      if (variable.isDisposed) this.complain(`it disposes a variable, '${variable.name}'`);
    }
    for (const handle of this.made) if (!kept.has(handle)) this.complain('it keeps a tensor that is no tf.Variable');
    return { origins, calls, renewals: renewals.all, outputs, assigned, complaint: this.complaint };
  }
}
