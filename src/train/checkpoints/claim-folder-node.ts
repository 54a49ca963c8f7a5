import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join, relative, resolve } from 'node:path';

/** Of the socket in the folder. */
const NAME = 'training.lock';
/** Bytes of a socket's address, the ending that it is moved aside with included: the least that systems allow. */
const LONGEST_ADDRESS = 103;

/** Gives back what was claimed. */
export type Release = () => Promise<void>;

/**
 * Claims a folder, until it is released or this process is gone, however that came. The claim is a socket that the process listens at:
 * the system ends it with the process, so that nothing is left to grow stale, and whoever comes next need not trust the number of a
 * process, which containers have in common, nor wait for a sign of life, which a long step would delay. It holds for all processes
 * on one machine that see the folder, in containers, too.
 *
 * Where there can be no such socket (some file systems, paths that are too long, folders that may only be read) nothing is
 * claimed, and nothing refused.
 *
 * @param folder is made
 * @returns      what gives it back; undefined where another one has claimed it
 */
export async function claimFolder(folder: string): Promise<Release | undefined> {
  const address = addressIn(folder);
  try {
    await mkdir(folder, { recursive: true });
    for (;;) {
      const server = await listenAt(address);
      if (server) return () => closed(server);
      if (!(await isLeft(address))) return undefined;
    }
  } catch {
    return async () => undefined;
  }
}

/** Sockets of Windows have names of their own, and go with their process. */
function addressIn(folder: string): string {
  const path = resolve(folder, NAME);
  if (process.platform === 'win32') return join('\\\\?\\pipe', path);
  const short = relative('', path);
  return short.length < path.length ? short : path;
}

/** Undefined where there is something at that address. @throws the system's error where there can be no socket */
async function listenAt(address: string): Promise<Server | undefined> {
  if (Buffer.byteLength(address + ending()) > LONGEST_ADDRESS) throw new Error(`${address} is too long`);
  // Whoever asks is answered by the system, even in the middle of a step.
  const server = createServer((asking) => asking.on('error', () => undefined).destroy());
  server.unref();
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(undefined) : failed(error)));
    server.listen(address, () => done(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => void server.close(() => done()));
}

/** Whether the socket is that of a process that is gone; then it is taken away. @throws where it is no socket, or it cannot be moved */
async function isLeft(address: string): Promise<boolean> {
  if (await answers(address)) return false;
  try {
    if (!(await lstat(address)).isSocket()) throw new Error(`${address} is no socket`);
    // Somebody may have put a new one there meanwhile, and only what was moved aside is sure to stay what it is.
    const aside = address + ending();
    await rename(address, aside);
    const alive = await answers(aside);
    await (alive ? rename(aside, address) : rm(aside, { force: true }));
    return !alive;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

function ending(): string {
  return `.${randomBytes(4).toString('hex')}`;
}

function answers(address: string): Promise<boolean> {
  return new Promise((told) => {
    const asking = connect(address);
    asking.once('connect', () => {
      asking.destroy();
      told(true);
    });
    asking.once('error', ({ code }: NodeJS.ErrnoException) => told(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
