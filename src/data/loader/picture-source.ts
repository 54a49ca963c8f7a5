import type { Picture } from '../resize.js';

/** Where pictures come from: what a DataLoader needs to know of a dataset, in memory or not. */
export interface PictureSource {
  /** Number of pictures. */
  readonly count: number;
  /** Class of every picture, 0 .. classNames.length - 1. */
  readonly labels: Int32Array;
  /** Names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
  /** Of every picture; undefined where each has its own. */
  readonly height?: number;
  /** Of every picture; undefined where each has its own. */
  readonly width?: number;
  readonly channels: number;
  /** Where the pictures come from, for people. */
  readonly sourceDescription: string;
  /** Gives the pictures in the thread of the caller. */
  open(): PictureReader;
  /** How workers get at the pictures; undefined where they cannot. */
  readonly worker?: WorkerAccess;
}

/** How workers get at pictures. */
export interface WorkerAccess {
  /** Text of the program that workers run. */
  program(): Promise<string>;
  /** What the program opens: is cloned or shared. */
  readonly origin: unknown;
  /** Bytes that go along with a batch, of sources that the program cannot read by itself. */
  bytesOf?(places: Int32Array, into: Uint8Array): void;
  /** Of a picture in these bytes; 0 without them. */
  readonly bytesEach: number;
}

/** A picture and the place it is from: not the one asked for where that was broken. */
export interface PlacedPicture {
  /** As bytes. */
  readonly picture: Picture;
  /** In its dataset. */
  readonly place: number;
}

/** A picture that could not be decoded. */
export interface BrokenPicture {
  /** Its place in the dataset. */
  readonly place: number;
  /** Its file, what was expected and what was found. */
  readonly message: string;
}

/** Gives pictures by their places. */
export interface PictureReader {
  /**
   * The picture at a place, or what is shown in its stead.
   *
   * @param index   of the picture in its batch
   * @param through bytes that came along with the batch
   */
  read(place: number, index: number, through?: Uint8Array): PlacedPicture | Promise<PlacedPicture>;
  /** What errors call a picture. */
  name(place: number): string;
  /** Broken pictures found since it was last asked. */
  takeBroken(): BrokenPicture[];
}
