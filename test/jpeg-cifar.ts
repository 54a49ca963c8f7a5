/** The test pictures of CIFAR-10 as they lie in the shared data: 10,000 JPEG files in one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageDataset, readCifar10 } from '../src/data/node.js';
import { python } from './python.js';
import { sharedPath } from './requires.js';

/**
 * Pack: 'JPGPACK1', the count, then a label byte and a length for each picture, then the files. Decoded by Pillow, hence by the
 * library that decoded the training pictures, and written as CIFAR's own binary files, the training ones with a picture each.
 */
const EXPAND = `
import io, json, struct, sys
import numpy as np
from PIL import Image
pack, folder = open(sys.argv[1], 'rb').read(), sys.argv[2]
assert pack[:8] == b'JPGPACK1'
count, = struct.unpack_from('<I', pack, 8)
at = 12 + 5 * count
records = []
for i in range(count):
    label, size = struct.unpack_from('<BI', pack, 12 + 5 * i)
    rgb = np.asarray(Image.open(io.BytesIO(pack[at:at + size])).convert('RGB'))
    records.append(bytes([label]) + rgb.transpose(2, 0, 1).tobytes())
    at += size
open(folder + '/test_batch.bin', 'wb').write(b''.join(records))
for k in range(1, 6): open(f'{folder}/data_batch_{k}.bin', 'wb').write(records[0])
print(json.dumps(count))
`;

/** Reads them; needs 'shared data' and 'python'. */
export function readJpegCifar(): ImageDataset {
  const folder = mkdtempSync(join(tmpdir(), 'jpeg-cifar-'));
  try {
    python(EXPAND, sharedPath('cifar10/jpeg_test_10000.jpgpack'), folder);
    return readCifar10(folder).test;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
