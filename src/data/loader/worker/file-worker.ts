/** The program of workers that read pictures from files, in Node; `scripts/build-workers.mjs` makes text of it. */
import '../../../augment/index.js';
import { type FileOrigin, FileReader } from '../file-reader-node.js';
import { serve } from './serve.js';

serve((origin) => new FileReader(origin as FileOrigin));
