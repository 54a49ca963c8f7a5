import { link, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Of the socket in the folder. */
const NAME = 'training.lock';
/** Bytes of a socket's address: the least that systems allow, less what tells one file from another. */
const LONGEST_ADDRESS = 103 - 28;
/** How long, and how often, one waits for another that takes away what is left: that takes a few calls of the system. */
const TURN_MS = 10;
const TURNS = 200;

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
  if (Buffer.byteLength(address) > LONGEST_ADDRESS) throw new Error(`${address} is too long`);
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

/**
 * Whether the socket is that of a process that is gone; then it is taken away. Of many that find it, one does: the one that makes a link
 * whose name tells the file from every other. Nobody puts a new socket there as long as the old one stands, and a process that goes in
 * order takes its own away before it stops to answer: so what does not answer and stands there is left.
 *
 * @throws where it is no socket, or the folder knows no links
 */
async function isLeft(address: string): Promise<boolean> {
  if (await answers(address)) return false;
  const found = await fileAt(address);
  if (!found) return true;
  const mark = `${address}.${found}`;
  try {
    await link(address, mark);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') await othersTurn(mark);
    else if (code !== 'ENOENT') throw error;
    return true;
  }
  try {
    // It may have been another one's by then, or that one's that was just about to listen.
    if ((await fileAt(mark)) !== found) return true;
    if (await answers(mark)) return false;
    if ((await fileAt(address)) === found) await rm(address, { force: true });
    return true;
  } finally {
    await rm(mark, { force: true });
  }
}

/** What tells a socket from all that were or will be at that address; undefined where there is none. @throws where it is no socket */
async function fileAt(address: string): Promise<string | undefined> {
  try {
    const stat = await lstat(address, { bigint: true });
    if (!stat.isSocket()) throw new Error(`${address} is no socket`);
    return `${stat.ino.toString(36)}-${stat.mtimeNs.toString(36)}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Waits until whoever made the mark has taken it back; one that was killed meanwhile never will. */
async function othersTurn(mark: string): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    if (!(await fileAt(mark))) return;
    await setTimeout(TURN_MS);
  }
  await rm(mark, { force: true });
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
