/** What our programs use of a device beside what tfjs asks for, where the adapter has it. */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups'];

/**
 * Runs `start`, in which tfjs makes its backend, so that its device has these features as well. tfjs asks for a device with features of
 * its own choice, and a device's cannot be changed: a backend that was there before stays as it is, and goes without.
 */
export async function withFeatures<T>(start: () => Promise<T>): Promise<T> {
  const { gpu } = (globalThis as { navigator?: Partial<Navigator> }).navigator ?? {};
  if (!gpu) return start();
  const before = Object.getOwnPropertyDescriptor(gpu, 'requestAdapter');
  const request = gpu.requestAdapter.bind(gpu);
  const value = async (options?: GPURequestAdapterOptions) => asking(await request(options));
  Object.defineProperty(gpu, 'requestAdapter', { value, configurable: true, writable: true });
  try {
    return await start();
  } finally {
    if (before) Object.defineProperty(gpu, 'requestAdapter', before);
    else delete (gpu as Partial<GPU>).requestAdapter;
  }
}

/** An adapter that asks for them, too. */
function asking(adapter: GPUAdapter | null): GPUAdapter | null {
  if (!adapter) return adapter;
  const request = adapter.requestDevice.bind(adapter);
  adapter.requestDevice = (descriptor = {}) => {
    const more = FEATURES.filter((feature) => adapter.features.has(feature));
    return request({ ...descriptor, requiredFeatures: [...(descriptor.requiredFeatures ?? []), ...more] });
  };
  return adapter;
}
