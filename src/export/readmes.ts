/** README.md of an exported folder. */
import type { Graph } from './graph.js';

const dataText = `\`DATA\` is a folder of class folders of pictures (\`train/CLASS/*.jpg\` and \`val/CLASS/*.jpg\`; without parts a fifth of each class is
held out), of CIFAR's binary files or MNIST's idx files, or an \`.npz\` file with \`x_train\`, \`y_train\`, \`x_test\`, \`y_test\`: bytes, pictures
[count, height, width, channels]. Pictures are scaled and cut to the net's size and normalised as \`model.py\` says.`;

const head = ({ name }: Graph, what: string): string => `# ${name}

Exported from tfjs-cnn for ${what}.

| file | what |
|---|---|
`;

/** For torchrun. */
export function torchReadme(graph: Graph): string {
  return `${head(graph, 'PyTorch')}| model.py | the net as an \`nn.Module\`: \`Net()\`, and what its pictures must look like |
| weights.pt | its \`state_dict\` |
| train.py | training on one or many processes: \`torchrun\`, DistributedDataParallel |
| data.py | pictures from folders and files |

It needs torch 2, numpy and Pillow.

    torchrun --nproc-per-node=8 train.py --data DATA --epochs 30 --flip --crop 4          # the GPUs of one machine
    torchrun --nnodes=2 --node-rank=RANK --master-addr=FIRST --nproc-per-node=8 train.py --data DATA   # of two
    torchrun --nproc-per-node=2 train.py --data DATA --device cpu                         # processes without GPUs
    torchrun --nproc-per-node=8 train.py --data DATA --resume                             # goes on from checkpoint.pt

\`--batch-size\` is that of each process, \`--learning-rate\` belongs to all of them together; \`python3 train.py --help\` lists the rest.
${dataText}

The result is \`trained.pt\`. Back to tfjs:

    npx tfjs-cnn import trained.pt --model MODEL --out FOLDER

Regularizers and constraints of the layers are not part of the export; weight decay is an option of the script.
`;
}

/** For Keras. */
export function kerasReadme(graph: Graph): string {
  return `${head(graph, 'Keras 3')}| model.py | the net in the functional API: \`net()\`, and what its pictures must look like |
| weights.npz | its variables by their paths |
| train.py | training on all devices: \`keras.distribution.DataParallel\` on JAX |
| data.py | pictures from folders and files |

It needs keras 3, jax, numpy and Pillow.

    python3 train.py --data DATA --epochs 30 --flip --crop 4      # all devices of this machine
    XLA_FLAGS=--xla_force_host_platform_device_count=2 python3 train.py --data DATA       # two parts of a CPU
    python3 train.py --data DATA --resume                         # goes on from the folder checkpoint

Over several machines every process is started with \`--processes\` and with \`KERAS_DISTRIBUTION_JOB_ADDRESSES\`,
\`KERAS_DISTRIBUTION_NUM_PROCESSES\` and \`KERAS_DISTRIBUTION_PROCESS_ID\` in its environment. \`--batch-size\` is that of all devices
together; \`python3 train.py --help\` lists the rest. ${dataText}

The results are \`trained.keras\` for Keras and \`trained.npz\`. Back to tfjs:

    npx tfjs-cnn import trained.npz --model MODEL --out FOLDER

Regularizers and constraints of the layers are not part of the export; weight decay is an option of the script.
`;
}
