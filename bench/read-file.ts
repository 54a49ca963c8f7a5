/** Reads one file of weights in a process of its own: `read-file.js PATH`. Prints milliseconds and bytes as one line of JSON. */
import { readWeights, writeWeights } from 'tfjs-cnn/weights';

// What is loaded on first use counts for neither time nor memory.
const small = { a: { shape: [1], data: [1] } };
for (const format of ['safetensors', 'pytorch'] as const) await readWeights(await writeWeights(small, format));

const before = process.memoryUsage().rss;
const started = performance.now();
const { arrays } = await readWeights(process.argv[2]!);
const milliseconds = performance.now() - started;
// The most that there was at any time, against what there was before.
const bytes = 1024 * process.resourceUsage().maxRSS - before;
if (Object.keys(arrays).length === 0) throw new Error('bench: nothing was read');
console.log(JSON.stringify({ milliseconds, bytes }));
