"""The same kernels and steps in PyTorch on the CPU: `torch_steps.py PART`.

Says as a line of JSON what it can run; then each line of its input, an index, is one run, answered by its milliseconds.
"""

import json
import sys
import time

import torch
from torch import nn

from torch_step import lenet5, step_of


def picture(*shape):
    return torch.rand(*shape).to(memory_format=torch.channels_last)


def repeated(run, count):
    """As one run, its mean: as in training, where step follows step."""

    def several():
        for _ in range(count):
            run()

    return several, count


def without_gradient(run):
    def kernel():
        with torch.no_grad():
            run()

    return kernel


def kernels():
    runs = {}
    for batch, side, channels in ((8, 56, 64), (16, 28, 128), (32, 14, 256)):
        x, dy = picture(batch, channels, side, side), picture(batch, channels, side, side)
        w = picture(channels, channels, 3, 3)
        label = f"{batch}x{side}x{side}x{channels}"

        def back(mask, x=x, dy=dy, w=w):
            torch.ops.aten.convolution_backward(dy, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)

        runs[f"conv 3x3 forward {label}"] = without_gradient(lambda x=x, w=w: nn.functional.conv2d(x, w, padding=1))
        runs[f"conv 3x3 dx {label}"] = without_gradient(lambda back=back: back([True, False, False]))
        runs[f"conv 3x3 dfilter {label}"] = without_gradient(lambda back=back: back([False, True, False]))
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    runs["matMul 1024"] = without_gradient(lambda: a @ b)
    weights = [nn.Parameter(torch.rand(500, 1000)) for _ in range(50)]
    for weight in weights:
        weight.grad = torch.rand(500, 1000)
    runs["AdamW (tfjs-node: Adam), 25 million weights"] = torch.optim.AdamW(weights, fused=True).step
    runs["LeNet-5, batch 64, one step"] = repeated(step_of(lenet5(), torch.rand(64, 1, 28, 28), 10), 10)
    return runs


def net(name):
    """In whichever order of axes is the faster one."""
    from torch_nets import NETS

    build, batch, classes, side = NETS[name]
    pictures = torch.rand(batch, 3, side, side)
    steps = [
        step_of(build().to(memory_format=order), pictures.to(memory_format=order), classes)
        for order in (torch.contiguous_format, torch.channels_last)
    ]
    return {f"{name}, batch {batch}, one step": min(steps, key=lambda step: min(ms_of(step) for _ in range(3)))}


def ms_of(run):
    run, count = run if isinstance(run, tuple) else (run, 1)
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000 / count


part = sys.argv[1] if len(sys.argv) > 1 else "kernels"
runs = kernels() if part == "kernels" else net(part)
print(json.dumps(list(runs)), flush=True)
for line in sys.stdin:
    print(ms_of(list(runs.values())[int(line)]), flush=True)
