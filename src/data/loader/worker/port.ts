import type { Answer, Job, Opening } from './messages.js';

/** A worker's end of the line. */
export interface Port {
  post(answer: Answer, transfer: readonly ArrayBuffer[]): void;
  listen(listener: (message: Opening | Job) => void): void;
}

/** That of the thread it is called in, in Node and browsers alike. */
export function portOfThread(): Port {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  const threads = process?.getBuiltinModule?.('node:worker_threads') as typeof import('node:worker_threads') | undefined;
  if (threads) {
    const port = threads.parentPort!;
    return {
      post: (answer, transfer) => port.postMessage(answer, transfer),
      listen: (listener) => void port.on('message', listener),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: Answer, transfer: readonly ArrayBuffer[]): void;
    onmessage: (event: { data: Opening | Job }) => void;
  };
  return {
    post: (answer, transfer) => scope.postMessage(answer, transfer),
    listen(listener) {
      scope.onmessage = ({ data }) => listener(data);
    },
  };
}
