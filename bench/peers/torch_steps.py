"""The same kernels and steps in PyTorch on the CPU: `torch_steps.py PART`. Prints milliseconds as one line of JSON."""

import json
import statistics
import sys
import time

import torch
from torch import nn


def median_ms(run, rounds, warm_up=3):
    for _ in range(warm_up):
        run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def picture(*shape):
    return torch.rand(*shape).to(memory_format=torch.channels_last)


def step_ms(net, pictures, classes, rounds, warm_up):
    """Forward, loss, backward, update."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    labels = torch.arange(len(pictures)) % classes

    def step():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(pictures), labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return median_ms(step, rounds, warm_up)


def kernels():
    results = {}
    with torch.no_grad():
        for batch, side, channels in ((8, 56, 64), (16, 28, 128), (32, 14, 256)):
            x, dy = picture(batch, channels, side, side), picture(batch, channels, side, side)
            w = picture(channels, channels, 3, 3)
            label = f"{batch}x{side}x{side}x{channels}"
            back = lambda mask: torch.ops.aten.convolution_backward(dy, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)
            results[f"conv 3x3 forward {label}"] = median_ms(lambda: nn.functional.conv2d(x, w, padding=1), 9)
            results[f"conv 3x3 dx {label}"] = median_ms(lambda: back([True, False, False]), 9)
            results[f"conv 3x3 dfilter {label}"] = median_ms(lambda: back([False, True, False]), 9)
        a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
        results["matMul 1024"] = median_ms(lambda: a @ b, 9)
    weights = [nn.Parameter(torch.rand(500, 1000)) for _ in range(50)]
    for weight in weights:
        weight.grad = torch.rand(500, 1000)
    results["AdamW (tfjs-node: Adam), 25 million weights"] = median_ms(torch.optim.AdamW(weights, fused=True).step, 9)
    net = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    results["LeNet-5, batch 64, one step"] = step_ms(net, torch.rand(64, 1, 28, 28), 10, 101, 20)
    return results


def net(name):
    """In whichever order of axes is the faster one."""
    from torch_nets import NETS

    build, batch, classes, side = NETS[name]
    pictures = torch.rand(batch, 3, side, side)
    times = [
        step_ms(build().to(memory_format=order), pictures.to(memory_format=order), classes, 7, 2)
        for order in (torch.contiguous_format, torch.channels_last)
    ]
    return {f"{name}, batch {batch}, one step": min(times)}


part = sys.argv[1] if len(sys.argv) > 1 else "kernels"
print(json.dumps(kernels() if part == "kernels" else net(part)))
