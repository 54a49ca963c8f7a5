import { DataError } from './dataset.js';
import type { Picture } from './resize.js';

/** Largest picture that is decoded, in pixels: a small file can claim any size. */
const MAX_PIXELS = 100e6;

/**
 * Decodes a JPEG or PNG (told by its first bytes) to grey or RGB bytes. Transparent parts become white, as
 * on paper; 16-bit values are rounded to 8; the camera's orientation tag is not applied.
 *
 * @param source   the name that errors call it by
 * @param channels 1: grey (ITU-R 601), 3: RGB
 * @throws DataError where the bytes are no picture, or a broken or a huge one
 */
export async function decodePicture(bytes: Uint8Array, source: string, channels: 1 | 3): Promise<Picture> {
  const decode = isPng(bytes) ? decodePng : isJpeg(bytes) ? decodeJpeg : undefined;
  if (!decode) throw new DataError(source, 'a JPEG or PNG picture', describe(bytes));
  const claimed = decode === decodePng ? sizeOfPng(bytes) : undefined;
  if (claimed && claimed.height * claimed.width > MAX_PIXELS) {
    throw new DataError(source, `at most ${MAX_PIXELS} pixels`, `${claimed.width} x ${claimed.height}`);
  }
  try {
    const { rgb, height, width } = await decode(bytes);
    return { pixels: channels === 3 ? rgb : greyOf(rgb), height, width, channels };
  } catch (error) {
    throw new DataError(source, 'a picture that can be decoded', (error as Error).message);
  }
}

interface Rgb {
  readonly rgb: Uint8Array;
  readonly height: number;
  readonly width: number;
}

function isPng(bytes: Uint8Array): boolean {
  return [0x89, 0x50, 0x4e, 0x47].every((byte, i) => bytes[i] === byte);
}

function isJpeg(bytes: Uint8Array): boolean {
  return [0xff, 0xd8, 0xff].every((byte, i) => bytes[i] === byte);
}

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0'));
  return `${bytes.length} bytes beginning with ${hex.join(' ')}`;
}

async function decodeJpeg(bytes: Uint8Array): Promise<Rgb> {
  const { default: jpeg } = await import('jpeg-js');
  const options = {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MAX_PIXELS / 1e6,
    maxMemoryUsageInMB: 2048,
  } as const;
  const { data, height, width } = jpeg.decode(bytes, options);
  return { rgb: data, height, width };
}

/** What the header says, undefined where it is cut off; jpeg-js has a limit of its own. */
function sizeOfPng(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

async function decodePng(bytes: Uint8Array): Promise<Rgb> {
  const { convertIndexedToRgb, decode } = await import('fast-png');
  const png = decode(bytes);
  const { height, width, depth } = png;
  if (png.palette) return { rgb: flatten(convertIndexedToRgb(png), height * width, png.palette[0].length, 255), height, width };
  const data = depth < 8 ? unpackBits(png.data, height, width, depth) : png.data;
  return { rgb: flatten(data, height * width, png.channels, 2 ** depth - 1), height, width };
}

/** Values of 1, 2 or 4 bits, several in a byte; every row begins with a new byte. */
function unpackBits(packed: ArrayLike<number>, height: number, width: number, depth: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const values = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      values[y * width + x] = (packed[y * rowBytes + (bit >> 3)] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return values;
}

/** Grey, grey and alpha, RGB or RGBA values up to `max`, on white, as RGB bytes. */
function flatten(values: ArrayLike<number>, pixels: number, channels: number, max: number): Uint8Array {
  const rgb = new Uint8Array(pixels * 3);
  const coloured = channels >= 3;
  const hasAlpha = channels === 2 || channels === 4;
  for (let p = 0; p < pixels; p++) {
    const at = p * channels;
    const alpha = hasAlpha ? values[at + channels - 1] / max : 1;
    for (let c = 0; c < 3; c++) {
      const value = values[coloured ? at + c : at] / max;
      rgb[3 * p + c] = Math.round(255 * (alpha * value + 1 - alpha));
    }
  }
  return rgb;
}

function greyOf(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let p = 0; p < grey.length; p++) {
    grey[p] = Math.round(0.299 * rgb[3 * p] + 0.587 * rgb[3 * p + 1] + 0.114 * rgb[3 * p + 2]);
  }
  return grey;
}
