export type { Operation, PictureSize, Random, Transform } from './transform.js';
