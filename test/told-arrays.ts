/** Arrays told by their digests, here and in Python, so that files are compared to the bit. */
import { createHash } from 'node:crypto';
import type { StoredArray, WeightFile } from '../src/weights/index.js';

/** An array: its bytes, half widened to float32, by their SHA-256. */
export interface Told {
  readonly shape: number[];
  readonly dtype: string;
  readonly sha256: string;
}

/** Python that says the same of a tensor of PyTorch, or of an array of numpy. */
export const TELL = `
import hashlib, json, sys, torch
def tell(t):
    t = t if isinstance(t, torch.Tensor) else torch.from_numpy(t.copy())
    wide = t.float() if t.dtype in (torch.float16, torch.bfloat16) else t
    raw = wide.detach().contiguous().numpy().tobytes()
    return {'shape': list(t.shape), 'dtype': str(t.dtype)[6:], 'sha256': hashlib.sha256(raw).hexdigest()}
`;

export function told({ shape, dtype, data }: StoredArray): Told {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { shape: [...shape], dtype, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function toldAll({ arrays }: Pick<WeightFile, 'arrays'>): Record<string, Told> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, told(array)]));
}
