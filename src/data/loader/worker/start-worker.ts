import type { Answer, Job, Opening } from './messages.js';

/** What becomes of a worker. */
export interface WorkerEvents {
  onAnswer(answer: Answer): void;
  /** It is gone. */
  onEnd(why: string): void;
}

/** A thread that makes batches. */
export interface WorkerThread {
  post(message: Opening | Job, transfer?: readonly ArrayBuffer[]): void;
  /** Whether the process stays alive for it; not at first. */
  hold(alive: boolean): void;
  terminate(): Promise<void>;
}

/** Starts one, in Node and browsers alike. @param program text of what it runs */
export function startWorker(program: string, events: WorkerEvents): WorkerThread {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  const threads = process?.getBuiltinModule?.('node:worker_threads') as typeof import('node:worker_threads') | undefined;
  return threads ? startInNode(threads, program, events) : startInBrowser(program, events);
}

function startInNode(threads: typeof import('node:worker_threads'), program: string, events: WorkerEvents): WorkerThread {
  const worker = new threads.Worker(program, { eval: true, stdin: false, execArgv: [], env: {} });
  worker.unref();
  worker.on('message', (answer: Answer) => events.onAnswer(answer));
  worker.on('error', (error) => events.onEnd(String(error)));
  worker.on('exit', (code) => events.onEnd(`it ended with code ${code}`));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}

function startInBrowser(program: string, events: WorkerEvents): WorkerThread {
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }: MessageEvent<Answer>) => events.onAnswer(data);
  worker.onerror = (event) => {
    event.preventDefault();
    events.onEnd(event.message || 'it could not be started: the page may forbid workers from blob: addresses');
  };
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    hold: () => undefined,
    async terminate() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
