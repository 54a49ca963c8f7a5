import { BackendError } from '../backends.js';

/**
 * A package that only work in a browser needs: an optional one.
 * @throws BackendError where it is missing
 */
export async function browserPackage<Module>(name: string, load: () => Promise<unknown>): Promise<Module> {
  try {
    return (await load()) as Module;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new BackendError(`work in a browser needs the package ${name}: npm install --save-dev ${name} (${reason})`);
  }
}
