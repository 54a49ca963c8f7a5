/** Files of tfjs-core that come without types. */
declare module '@tensorflow/tfjs-core/dist/jasmine_util' {
  export function setTestEnvs(
    environments: readonly { name: string; backendName: string; flags: object; isDataSync: boolean }[],
  ): void;
}
declare module '@tensorflow/tfjs-core/dist/*';
