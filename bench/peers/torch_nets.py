"""The nets of bench/nets.ts in PyTorch: torchvision's, and ResNet-20 for CIFAR-10."""

import torch
import torchvision
from torch import nn


class Residual(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters),
        )
        changes = stride > 1 or inputs != filters
        self.shortcut = nn.Identity()
        if changes:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return torch.relu(self.branch(x) + self.shortcut(x))


def cifar_resnet20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    inputs = 16
    for filters in (16, 32, 64):
        for i in range(3):
            layers.append(Residual(inputs, filters, 2 if filters > 16 and i == 0 else 1))
            inputs = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


models = torchvision.models

# By the names of bench/nets.ts: builder, batch, classes, side.
NETS = {
    "ResNet-20": (cifar_resnet20, 128, 10, 32),
    "ResNet-18": (models.resnet18, 8, 1000, 224),
    "DenseNet-121": (models.densenet121, 8, 1000, 224),
    "GoogLeNet": (lambda: models.googlenet(aux_logits=False, init_weights=False), 8, 1000, 224),
}
