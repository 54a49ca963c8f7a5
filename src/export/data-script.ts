/** data.py, which both training scripts read pictures with: numpy and Pillow, no framework. */
export const DATA_SCRIPT = `"""Pictures to train on: a folder of class folders, CIFAR's binary files, MNIST's idx files, or an .npz file."""
import glob
import gzip
import os

import numpy as np

from model import CHANNELS, CLASS_NAMES, HEIGHT, MEAN, ORDER, RESIZE, STD, WIDTH

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp')


class Pictures:
    """Pictures and labels by number. Files are decoded when they are asked for."""

    def __init__(self, pictures, labels, flip=False, crop=0, seed=0):
        self.pictures, self.labels = pictures, np.asarray(labels, np.int64)
        self.flip, self.crop, self.seed, self.epoch = flip, crop, seed, 0

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        """The picture as the net takes it, float32 [height, width, channels], and its label."""
        picture = self.pictures[index]
        pixels = fitted(decoded(picture), RESIZE) if isinstance(picture, str) else fitted(picture)
        if self.flip or self.crop:
            # The same change of the same picture in the same epoch, whichever process makes it.
            pixels = changed(pixels, np.random.default_rng([self.seed, self.epoch, index]), self.flip, self.crop)
        return normalized(pixels), int(self.labels[index])


def load(path, seed=0, flip=False, crop=0):
    """The training and the test part; flips and crops are for training."""
    (train, train_labels), (test, test_labels) = read(path, seed)
    for labels in train_labels, test_labels:
        if len(labels) and CLASS_NAMES and max(labels) >= len(CLASS_NAMES):
            raise SystemExit(f'{path}: there are {max(labels) + 1} classes or more, the net tells {len(CLASS_NAMES)} apart')
    return Pictures(train, train_labels, flip, crop, seed), Pictures(test, test_labels)


def read(path, seed):
    if path.endswith('.npz'):
        # Nothing in the file is run.
        with np.load(path, allow_pickle=False) as file:
            return tuple((file['x_' + part], file['y_' + part].reshape(-1)) for part in ('train', 'test'))
    if glob.glob(os.path.join(path, 'train-images*idx3-ubyte*')):
        return tuple((idx(path, part + '-images'), idx(path, part + '-labels')) for part in ('train', 't10k'))
    for train, test, label_bytes in (('data_batch_*.bin', 'test_batch.bin', 1), ('train.bin', 'test.bin', 2)):
        if glob.glob(os.path.join(path, train)):
            return cifar(path, train, label_bytes), cifar(path, test, label_bytes)
    return class_folders(path, seed)


def idx(path, name):
    """MNIST's format: two zeros, the type, the number of axes, their sizes, then bytes."""
    file = sorted(glob.glob(os.path.join(path, name + '*ubyte*')))[0]
    with (gzip.open if file.endswith('.gz') else open)(file, 'rb') as source:
        data = source.read()
    shape = np.frombuffer(data, '>u4', count=data[3], offset=4).astype(int)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def cifar(path, pattern, label_bytes):
    """The binary version: for each picture its labels, of which the last counts, and the red, green and blue plane."""
    files = sorted(glob.glob(os.path.join(path, pattern)))
    rows = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, label_bytes + 3072) for file in files])
    return rows[:, label_bytes:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), rows[:, label_bytes - 1]


def class_folders(path, seed):
    """train/CLASS and val/CLASS or test/CLASS; without parts a fifth of each class is held out."""
    parts = [os.path.join(path, part) for part in ('train', 'val', 'validation', 'test')]
    train, *held_out = [part for part in parts if os.path.isdir(part)] or [path]
    names = sorted(entry.name for entry in os.scandir(train) if entry.is_dir())
    if not names:
        raise SystemExit(f'{path}: expected class folders, CIFAR or MNIST files, or an .npz file')
    if set(names) == set(CLASS_NAMES):
        names = list(CLASS_NAMES)

    def listed(folder):
        found = [(file, label) for label, name in enumerate(names) for file in pictures_in(os.path.join(folder, name))]
        return [file for file, _ in found], [label for _, label in found]

    files, labels = listed(train)
    if held_out:
        return (files, labels), listed(held_out[0])
    order = np.random.default_rng(seed).permutation(len(files))
    seen, test = [0] * len(names), np.zeros(len(files), bool)
    for index in order:
        test[index] = seen[labels[index]] % 5 == 4
        seen[labels[index]] += 1
    chosen = lambda mask: ([files[i] for i in np.flatnonzero(mask)], [labels[i] for i in np.flatnonzero(mask)])
    return chosen(~test), chosen(test)


def pictures_in(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.lower().endswith(SUFFIXES))


def decoded(file):
    from PIL import Image

    with Image.open(file) as picture:
        return np.asarray(picture.convert('L' if CHANNELS == 1 else 'RGB'))


def fitted(picture, shorter=0):
    """uint8 [HEIGHT, WIDTH, CHANNELS]: scaled to cover that, or more where its shorter side is to be longer; the middle cut out."""
    if picture.ndim == 2:
        picture = picture[:, :, None]
    if picture.shape[2] != CHANNELS:
        raise SystemExit(f'expected pictures of {CHANNELS} channels, found {picture.shape[2]}')
    height, width = picture.shape[:2]
    scale = max(HEIGHT / height, WIDTH / width, shorter / min(height, width))
    if (height, width) == (HEIGHT, WIDTH) and scale == 1:
        return picture
    from PIL import Image

    size = max(WIDTH, round(width * scale)), max(HEIGHT, round(height * scale))
    image = Image.fromarray(picture[:, :, 0] if CHANNELS == 1 else picture).resize(size, Image.Resampling.BILINEAR)
    left, top = (size[0] - WIDTH) // 2, (size[1] - HEIGHT) // 2
    return np.asarray(image.crop((left, top, left + WIDTH, top + HEIGHT))).reshape(HEIGHT, WIDTH, CHANNELS)


def changed(picture, random, flip, crop):
    if flip and random.random() < 0.5:
        picture = picture[:, ::-1]
    if crop:
        top, left = random.integers(0, 2 * crop + 1, 2)
        picture = np.pad(picture, ((crop, crop), (crop, crop), (0, 0)))[top : top + HEIGHT, left : left + WIDTH]
    return picture


def normalized(picture):
    """(pixel / 255 - mean) / std, the channels in the net's order."""
    if ORDER == 'BGR':
        picture = picture[:, :, ::-1]
    return ((picture.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)).astype(np.float32)
`;
