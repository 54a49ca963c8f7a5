/** The program of workers whose pictures come along with each batch; `scripts/build-workers.mjs` makes text of it. */
import '../../../augment/index.js';
import { type BlockOrigin, BlockReader } from '../block-reader.js';
import { serve } from './serve.js';

serve((origin) => new BlockReader(origin as BlockOrigin));
