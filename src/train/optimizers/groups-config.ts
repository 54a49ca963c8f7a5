import { ArgumentError } from '../../geometry.js';
import type { ParameterGroup } from './parameter-groups.js';

/**
 * Groups as one string: tfjs-layers rewrites names and words with an underscore in the configurations it loads, so that
 * none is left here.
 *
 * @throws ArgumentError where a group is chosen by a function
 */
export function configuredGroups(where: string, groups: readonly ParameterGroup[]): string {
  const plain = groups.map((group, i) => {
    const { layers } = group;
    if (typeof layers === 'function') {
      throw new ArgumentError(
        `${where}: groups[${i}] is chosen by a function, which cannot be saved; use names or an expression`,
      );
    }
    return { ...group, layers: layers instanceof RegExp ? { source: layers.source, flags: layers.flags } : layers };
  });
  return JSON.stringify(plain).replaceAll('_', '\\u005f');
}

/** The groups that configuredGroups made a string of; anything else is left to be refused. */
export function groupsFromConfig(config: unknown): unknown {
  if (typeof config !== 'string') return config;
  const plain = JSON.parse(config) as { layers: unknown }[];
  return plain.map((group) => {
    const { source, flags } = group.layers as { source?: string; flags?: string };
    return source === undefined ? group : { ...group, layers: new RegExp(source, flags) };
  });
}
