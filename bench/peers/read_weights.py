"""Reads one file of weights: read_weights.py safetensors|torch|keras PATH prints milliseconds and bytes as one line of JSON.
read_weights.py write-keras PATH writes one."""
import json
import resource
import sys
import time

how, path = sys.argv[1:]


def now():
    """Bytes that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def keras_model():
    import keras

    return keras.Sequential([keras.Input((1280,))] + [layer for _ in range(50) for layer in dense(keras)])


def dense(keras):
    """1280 to 1024 and back: two of the 100 arrays of 5 MB."""
    return [keras.layers.Dense(units, use_bias=False, kernel_initializer="zeros") for units in (1024, 1280)]


if how == "write-keras":
    keras_model().save_weights(path)
    print(json.dumps({"milliseconds": 0, "bytes": 0}))
    sys.exit()

if how == "safetensors":
    from safetensors.torch import load_file as read
elif how == "torch":
    import torch

    def read(name):
        return torch.load(name, weights_only=True)

else:
    # The model is there before, with weights of its own.
    read = keras_model().load_weights

before = now()
started = time.perf_counter()
kept = read(path)
milliseconds = 1000 * (time.perf_counter() - started)
print(json.dumps({"milliseconds": milliseconds, "bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}))
