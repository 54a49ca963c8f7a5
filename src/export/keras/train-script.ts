import { COMMON_OPTIONS } from '../train-options.js';

/** train.py for Keras 3 on JAX. */
export function kerasTrainScript(softmaxes: readonly boolean[]): string {
  return `"""Trains the net on all devices of this machine, or of many: python3 train.py --data FOLDER"""
import argparse
import os
import shutil

os.environ.setdefault('KERAS_BACKEND', 'jax')
import keras
import numpy as np

import data
from model import LOSS_WEIGHTS, load_weights, net, save_weights

# Which of the outputs are probabilities, not logits.
PROBABILITIES = [${softmaxes.map((softmax) => (softmax ? 'True' : 'False')).join(', ')}]


def options():
    parser = argparse.ArgumentParser(description=__doc__)
${COMMON_OPTIONS}
    parser.add_argument('--weights', default='weights.npz', help="to begin with; 'none': Keras's own start")
    parser.add_argument('--output', default='trained', help='trained.npz for tfjs-cnn and trained.keras for Keras')
    parser.add_argument('--checkpoint', default='checkpoint', help='folder, written after every epoch')
    parser.add_argument('--batch-size', type=int, default=64, help='of all devices together')
    parser.add_argument('--workers', type=int, default=2, help='threads that prepare pictures')
    parser.add_argument('--mixed-precision', action='store_true', help='products in bfloat16')
    parser.add_argument('--processes', action='store_true', help='one of several processes: Keras takes their addresses from its environment')
    return parser.parse_args()


class Batches(keras.utils.PyDataset):
    """Whole batches of pictures; of the last one of a test what is missing is filled up with pictures that count 0."""

    def __init__(self, pictures, batch_size, process, processes, shuffled, seed, workers):
        super().__init__(workers=workers, max_queue_size=2 * workers)
        self.pictures, self.size, self.shuffled, self.seed = pictures, batch_size, shuffled, seed
        self.process, self.processes, self.epoch = process, processes, 0
        self.order = np.arange(len(pictures))
        self.start(0)

    def __len__(self):
        count = len(self.pictures)
        return count // self.size if self.shuffled and count >= self.size else -(-count // self.size)

    def start(self, epoch):
        self.epoch = epoch
        self.pictures.epoch = epoch
        if self.shuffled:
            self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.pictures))

    def __getitem__(self, step):
        # Each process prepares its part of the batch.
        places = np.arange(step * self.size, (step + 1) * self.size).reshape(self.processes, -1)[self.process]
        rows = [self.pictures[i] for i in self.order[places % len(self.order)]]
        x = np.stack([picture for picture, _ in rows])
        labels = np.array([label for _, label in rows], 'int32')
        counts = (places < len(self.order)).astype('float32')
        many = len(PROBABILITIES)
        return (x, labels, counts) if many == 1 else (x, (labels,) * many, (counts,) * many)


class Epochs(keras.callbacks.Callback):
    """Another order in every epoch, the same again after a resume."""

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.start(epoch)


def main():
    args = options()
    if args.processes:
        keras.distribution.initialize()
    import jax

    process, processes = jax.process_index(), jax.process_count()
    devices = keras.distribution.list_devices()
    if args.batch_size % len(devices):
        raise SystemExit(f'--batch-size must be a multiple of the {len(devices)} devices, got {args.batch_size}')
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False))
    keras.utils.set_random_seed(args.seed)
    if args.mixed_precision:
        keras.mixed_precision.set_global_policy('mixed_bfloat16')
    train, test = data.load(args.data, args.seed, args.flip, args.crop)
    make = lambda pictures, shuffled: Batches(pictures, args.batch_size, process, processes, shuffled, args.seed, args.workers)
    batches = make(train, True)

    model = net()
    if args.weights != 'none':
        load_weights(model, args.weights)
    steps = min(len(batches), args.steps or len(batches))
    schedule = keras.optimizers.schedules.CosineDecay(
        args.learning_rate if args.warmup == 0 else 0.0,
        steps * (args.epochs - args.warmup),
        warmup_target=args.learning_rate if args.warmup else None,
        warmup_steps=steps * args.warmup,
    )
    accuracy = lambda: keras.metrics.SparseCategoricalAccuracy(name='accuracy')
    model.compile(
        keras.optimizers.SGD(schedule, args.momentum, weight_decay=args.weight_decay),
        [keras.losses.SparseCategoricalCrossentropy(from_logits=not probabilities) for probabilities in PROBABILITIES],
        loss_weights=LOSS_WEIGHTS,
        # Of the first output: the others are auxiliary.
        weighted_metrics=[accuracy()] if len(PROBABILITIES) == 1 else [[accuracy()], *([] for _ in PROBABILITIES[1:])],
    )
    if not args.resume and process == 0:
        shutil.rmtree(args.checkpoint, ignore_errors=True)
    model.fit(
        batches,
        epochs=args.epochs,
        steps_per_epoch=args.steps and steps,
        validation_data=make(test, False) if len(test) else None,
        shuffle=False,
        verbose=2 if process == 0 else 0,
        callbacks=[Epochs(batches), keras.callbacks.BackupAndRestore(args.checkpoint)],
    )
    if process == 0:
        model.save(args.output + '.keras')
        save_weights(model, args.output + '.npz.part')
        os.replace(args.output + '.npz.part', args.output + '.npz')


if __name__ == '__main__':
    main()
`;
}
