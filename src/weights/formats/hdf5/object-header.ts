import type { Cursor, Hdf5Bytes } from './cursor.js';

/** One message of an object's header: what it says about the object. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  /** Where its contents begin and end in the file. */
  readonly begin: number;
  readonly end: number;
}

/** The types that are read. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** Its contents are elsewhere: a type that has a name of its own. */
const SHARED = 2;

/** All messages of the object at an address, of both versions of headers. */
export function messagesAt(file: Hdf5Bytes, address: number): Message[] {
  file.visit(address);
  const messages: Message[] = [];
  const start = file.cursor(address);
  const first = start.u8();
  start.at--;
  if (first === 1) readVersion1(start, messages);
  else readVersion2(start, messages);
  return messages;
}

/** A cursor over a message's contents. @throws DataError where they are elsewhere in the file */
export function contents(file: Hdf5Bytes, message: Message): Cursor {
  if (message.flags & SHARED) {
    file.fail(
      message.begin,
      'an object that says its own type',
      'a reference to a named one',
      'write the numbers with a plain type',
    );
  }
  return file.cursor(message.begin, message.end);
}

/** The object's only message of a type. */
export function find(messages: readonly Message[], type: number): Message | undefined {
  return messages.find((message) => message.type === type);
}

function readVersion1(header: Cursor, messages: Message[]): void {
  const { file } = header;
  header.skip(8);
  const size = header.u32();
  header.skip(4);
  readBlocks(file, messages, header.at, header.at + size, (block) => {
    const type = block.u16();
    const length = block.u16();
    const flags = block.u8();
    block.skip(3);
    return { type, length, flags };
  });
}

function readVersion2(header: Cursor, messages: Message[]): void {
  const { file } = header;
  header.signature('OHDR');
  const at = header.at;
  const version = header.u8();
  if (version !== 2) file.fail(at, 'version 1 or 2 of an object', `${version}`, 'the file is damaged, or newer than this reader');
  const flags = header.u8();
  if (flags & 0x20) header.skip(16);
  if (flags & 0x10) header.skip(4);
  const size = header.uint(1 << (flags & 3));
  const frame = { signature: 'OCHK', checksum: 4 };
  const head = (block: Cursor) => {
    const type = block.u8();
    const length = block.u16();
    const own = block.u8();
    if (flags & 4) block.skip(2);
    return { type, length, flags: own };
  };
  readBlocks(file, messages, header.at, header.at + size, head, frame);
}

/** A header goes on in other blocks, as its continuations say. */
function readBlocks(
  file: Hdf5Bytes,
  messages: Message[],
  begin: number,
  end: number,
  head: (block: Cursor) => { type: number; length: number; flags: number },
  frame?: { signature: string; checksum: number },
): void {
  const blocks = [file.cursor(begin, end)];
  for (let block = blocks.pop(); block; block = blocks.pop()) {
    // What is left may be a gap that no message fits into.
    while (block.left >= (frame ? 4 : 8)) {
      file.visit(block.at);
      const { type, length, flags } = head(block);
      const message = { type, flags, begin: block.at, end: block.skip(length).at };
      if (type !== MESSAGE.continuation) {
        messages.push(message);
        continue;
      }
      const where = contents(file, message);
      const at = where.address() ?? file.fail(message.begin, 'where the object goes on', 'no address', 'the file is damaged');
      const next = file.cursor(at, at + where.length());
      blocks.push(frame ? file.cursor(next.signature(frame.signature).at, next.end - frame.checksum) : next);
    }
  }
}
