/**
 * TensorBoard's messages, as far as they are written here, as protobufjs reads schemas.
 * Source: tensorboard/compat/proto/event.proto, summary.proto and histogram.proto (proto3).
 */
export const EVENT_SCHEMA = {
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary', 'sessionLog'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
        sessionLog: { type: 'SessionLog', id: 7 },
      },
    },
    SessionLog: { fields: { status: { type: 'int32', id: 1 } } },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: {
      oneofs: { value: { oneof: ['simpleValue', 'image', 'histo'] } },
      fields: {
        tag: { type: 'string', id: 1 },
        simpleValue: { type: 'float', id: 2 },
        image: { type: 'Image', id: 4 },
        histo: { type: 'HistogramProto', id: 5 },
      },
    },
    Image: {
      fields: {
        height: { type: 'int32', id: 1 },
        width: { type: 'int32', id: 2 },
        colorspace: { type: 'int32', id: 3 },
        encodedImageString: { type: 'bytes', id: 4 },
      },
    },
    HistogramProto: {
      fields: {
        min: { type: 'double', id: 1 },
        max: { type: 'double', id: 2 },
        num: { type: 'double', id: 3 },
        sum: { type: 'double', id: 4 },
        sumSquares: { type: 'double', id: 5 },
        bucketLimit: { rule: 'repeated', type: 'double', id: 6 },
        bucket: { rule: 'repeated', type: 'double', id: 7 },
      },
    },
  },
};

/** SessionLog's status of a process that begins: what earlier files hold of its step and later ones counts no more. */
export const SESSION_START = 1;

/** The first message of every file; from this version on TensorBoard heeds SESSION_START. */
export const FILE_VERSION = 'brain.Event:2';

/** Numbers by how many there are between two limits. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper ends of the buckets. */
  readonly bucketLimit: readonly number[];
  /** Numbers in each. */
  readonly bucket: readonly number[];
}

/** A picture in PNG. */
export interface EventImage {
  readonly height: number;
  readonly width: number;
  /** Channels: 1 grey, 3 RGB. */
  readonly colorspace: 1 | 3;
  readonly encodedImageString: Uint8Array;
}

/** What a tag has at a step. */
export type EventValue = { readonly tag: string } & (
  | { readonly simpleValue: number }
  | { readonly histo: Histogram }
  | { readonly image: EventImage }
);

/** A message. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly sessionLog?: { readonly status: number };
  readonly summary?: { readonly value: readonly EventValue[] };
}
