import { readSync } from 'node:fs';
import { isRecord } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import type { AppendFile } from './append-file-node.js';

const CHUNK = 1 << 16;
/** No line of ours is as long (bytes). */
const LONGEST_LINE = 1 << 20;

/** How every line of a log begins. */
const BEGINNING = '{"kind":"';

/** A line of the file. */
interface Line {
  readonly text: string;
  /** Its number, from 1. */
  readonly number: number;
  /** Where it begins, in bytes. */
  readonly begin: number;
  /** Whether it ends as lines do. */
  readonly whole: boolean;
}

/**
 * Prepares a log of JSON lines to go on behind a step: everything from the first line of a later step on goes, and so does a last line
 * that a crash has cut off.
 *
 * @returns the last epoch that is in it; 0 where there is none
 * @throws ArgumentError where the file is something else; it is left as it is
 */
export function mendLog(file: AppendFile, step: number): number {
  let epoch = 0;
  for (const line of linesOf(file)) {
    const content = parsed(line.text);
    if (!line.whole) {
      // Of a file of one line it must be told whether it is a log that was hardly begun, or somebody's notes.
      if (line.number === 1 && !BEGINNING.startsWith(line.text.slice(0, BEGINNING.length))) throw foreign(file, 1);
      // The line may be cut off right at its end, and is as good as the others then.
      if (content && content.step <= step) file.append('\n');
      else file.truncate(line.begin);
      if (content && content.step <= step && content.kind === 'epoch') epoch = content.epoch ?? epoch;
      return epoch;
    }
    if (!content) throw foreign(file, line.number);
    if (content.step > step) {
      file.truncate(line.begin);
      return epoch;
    }
    if (content.kind === 'epoch') epoch = content.epoch ?? epoch;
  }
  return epoch;
}

function parsed(text: string): { kind: string; step: number; epoch?: number } | undefined {
  try {
    const content: unknown = JSON.parse(text);
    if (!isRecord(content) || typeof content['kind'] !== 'string' || typeof content['step'] !== 'number') return undefined;
    const { kind, step, epoch } = content as { kind: string; step: number; epoch?: unknown };
    return { kind, step, ...(typeof epoch === 'number' && { epoch }) };
  } catch {
    return undefined;
  }
}

function foreign(file: AppendFile, line: number): ArgumentError {
  return new ArgumentError(
    `jsonLinesLog: '${file.path}' must be a log of a training, but its line ${line} is none of one; move it away or name another file`,
  );
}

/** The file is read piece by piece. */
function* linesOf(file: AppendFile): Generator<Line> {
  const chunk = Buffer.alloc(CHUNK);
  let rest = Buffer.alloc(0);
  let begin = 0;
  let number = 1;
  for (;;) {
    const read = readSync(file.descriptor, chunk, 0, CHUNK, begin + rest.length);
    if (read === 0) break;
    rest = Buffer.concat([rest, chunk.subarray(0, read)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield { text: rest.toString('utf8', 0, end), number, begin, whole: true };
      rest = rest.subarray(end + 1);
      begin += end + 1;
      number++;
    }
    if (rest.length > LONGEST_LINE) throw foreign(file, number);
  }
  if (rest.length > 0) yield { text: rest.toString(), number, begin, whole: false };
}
