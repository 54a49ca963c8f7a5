/** A Node module, without an import that a browser's bundler would stumble over. */
export function nodeModule<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): T } };
  return process?.getBuiltinModule?.(name);
}
