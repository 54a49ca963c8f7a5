"""The kernels and steps of bench/gpu.mjs in PyTorch on a GPU, in float32 without TF32: a JSON object of milliseconds.

Its argument is a JSON object: `shapes`, a list of [batch, side, channels, outChannels, kernel], and `nets`, names of torch_nets.
"""

import json
import sys
import time

import torch
from torch import nn

from torch_step import lenet5, step_of

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
DEVICE = "cuda"


def milliseconds(run, seconds=0.3):
    """Median of several runs of launches in a row, each waited for at its end."""
    for _ in range(3):
        run()
    torch.cuda.synchronize()
    times = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds or len(times) < 3:
        start = time.perf_counter()
        for _ in range(10):
            run()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 100)
    return sorted(times)[len(times) // 2]


def picture(*shape):
    return torch.rand(*shape, device=DEVICE).to(memory_format=torch.channels_last)


def kernels(shape):
    batch, side, channels, out, kernel = shape
    x, dy = picture(batch, channels, side, side), picture(batch, out, side, side)
    w = picture(out, channels, kernel, kernel)
    pad = [kernel // 2, kernel // 2]

    def back(mask):
        torch.ops.aten.convolution_backward(dy, x, w, None, [1, 1], pad, [1, 1], False, [0, 0], 1, mask)

    with torch.no_grad():
        return {
            "forward": milliseconds(lambda: nn.functional.conv2d(x, w, padding=pad)),
            "dx": milliseconds(lambda: back([True, False, False])),
            "dfilter": milliseconds(lambda: back([False, True, False])),
        }


def net_step(name):
    if name == "LeNet-5":
        return milliseconds(step_of(lenet5().to(DEVICE), torch.rand(64, 1, 28, 28, device=DEVICE), 10), 1)
    from torch_nets import NETS

    build, batch, classes, side = NETS[name]
    net = build().to(DEVICE).to(memory_format=torch.channels_last)
    return milliseconds(step_of(net, picture(batch, 3, side, side), classes), 1)


def attempt(run):
    """What fails (torchvision may be absent) is told, not fatal."""
    try:
        return run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if not torch.cuda.is_available():
    print(json.dumps({"absent": "PyTorch sees no GPU"}))
    sys.exit()
asked = json.loads(sys.argv[1])
print(
    json.dumps(
        {
            "device": torch.cuda.get_device_name(),
            "shapes": [attempt(lambda: kernels(shape)) for shape in asked["shapes"]],
            "nets": {name: attempt(lambda: net_step(name)) for name in asked["nets"]},
        }
    )
)
