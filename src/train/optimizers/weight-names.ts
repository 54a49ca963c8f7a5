import { engine, type Variable } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../../geometry.js';
import { namedVariables } from '../trainable.js';

/** What a weight is called, and how deep its layer lies. */
export interface NamedWeight {
  readonly name: string;
  readonly depth: number;
}

/** 'layer1.0/layer1.0.conv1' of 'layer1.0/layer1.0.conv1/kernel'. */
function layerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

/**
 * Names and depths of variables. tfjs makes a variable's name unique in the process: the second 'conv1/kernel' is called
 * 'conv1/kernel_1'. Of a model that was told of, the names are those of its saved weights, the same in each process.
 */
export class WeightNames {
  /** By the variable's name. */
  private readonly known = new Map<string, NamedWeight>();

  /**
   * Takes in all weights of a model, or variables by their names, in order.
   *
   * @returns the variables
   * @throws ArgumentError where another weight has the name
   */
  bind(where: string, weights: LayersModel | Readonly<Record<string, Variable>>): Variable[] {
    const layers: string[] = [];
    const named = pairsOf(weights);
    for (const [name, variable] of named) {
      const other = this.variableNameOf(name);
      if (other !== undefined && other !== variable.name) {
        if (isRegistered(other)) throw new ArgumentError(`${where}: two weights are called '${name}'; bind one model only`);
        this.known.delete(other);
      }
      const layer = layerOf(name);
      if (!layers.includes(layer)) layers.push(layer);
      this.known.set(variable.name, { name, depth: layers.indexOf(layer) });
    }
    return named.map(([, variable]) => variable);
  }

  /** One that is not known is called as its variable, and lies as deep as layers are known. */
  of(variable: Variable): NamedWeight {
    const { name } = variable;
    const found = this.known.get(name);
    if (found) return found;
    const all = [...this.known.values()];
    const neighbour = all.find((other) => layerOf(other.name) === layerOf(name));
    const depth = neighbour?.depth ?? Math.max(-1, ...all.map((other) => other.depth)) + 1;
    const named = { name, depth };
    this.known.set(name, named);
    return named;
  }

  /** The variable of that name. @throws ArgumentError where there is none */
  variable(where: string, name: string): Variable {
    return registered(where, this.variableNameOf(name) ?? name);
  }

  private variableNameOf(name: string): string | undefined {
    for (const [variableName, known] of this.known) if (known.name === name) return variableName;
    return undefined;
  }
}

function isRegistered(name: string): boolean {
  return Object.hasOwn(engine().registeredVariables, name);
}

/** tfjs's variable of that name. @throws ArgumentError where there is none */
export function registered(where: string, name: string): Variable {
  if (isRegistered(name)) return engine().registeredVariables[name]!;
  throw new ArgumentError(`${where}: there is no variable '${name}'; make the model first, and bind the optimizer to it`);
}

function pairsOf(weights: LayersModel | Readonly<Record<string, Variable>>): [string, Variable][] {
  if (!(weights instanceof LayersModel)) return Object.entries(weights);
  return namedVariables(weights).map(({ name, variable }) => [name, variable]);
}
