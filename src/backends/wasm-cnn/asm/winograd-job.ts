// What the Winograd kernels are told; winograd.ts writes these structs, field by field.

/** Pictures [batch, height, width, channels] that are cut into tiles of 4x4 outputs. */
@unmanaged export class Pictures {
  data: usize;
  height: i32;
  width: i32;
  channels: i32;
  /** Bytes from one pixel to the next. */
  pixel: usize;
  /** Where the first tile begins, in pixels before the picture's corner. */
  padTop: i32;
  padLeft: i32;
  tilesDown: i32;
  tilesAcross: i32;
}

@unmanaged export class WinogradJob {
  /** Forward: x and y. Input gradient: dy and dx. Filter gradient: x and dy. */
  from: Pictures;
  to: Pictures;
  /** One float of zero a channel of the widest picture: what lies outside. */
  zeros: usize;
  /** One float an output channel; zeros where there is none. */
  bias: usize;
  activation: i32;
  filter: usize;
  /** Output channels of a panel: 8 or 16, see WasmRuntime.wide. */
  panel: i32;
  /** The 36 transformed filters in panels of output channels, or the 36 sums; bytes from one of the 36 to the next. */
  transformed: usize;
  transformedPitch: usize;
  /** Tiles that are worked on together. */
  block: i32;
  /** One slot of workspace a thread, each slotBytes, after their flags. */
  slotFlags: usize;
  slots: usize;
  slotCount: i32;
  slotBytes: usize;
  /** Bytes from one of a block's 36 matrices to the next, of `from` and `to`. */
  fromPitch: usize;
  toPitch: usize;
  /** Filter gradient: tiles in all, pieces of them with sums of their own, bytes between these sums. */
  tiles: i32;
  pieces: i32;
  pieceBytes: usize;
  /** Filter gradient of many channels: the transformed tiles, shared by all threads. */
  sharedFrom: usize;
  sharedTo: usize;
}
