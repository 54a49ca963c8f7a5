/** What the exported module brings along where PyTorch has no module of its own; each is written only where it is used. */
export const SNIPPETS = {
  BiasedBatchNorm: `class BiasedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation whose running variance follows the batch's own, as Keras's does: PyTorch takes n / (n - 1) times that."""

    def _check_input_dim(self, x):
        pass

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        mean, variance = self.running_mean.clone(), self.running_var.clone()
        y = F.batch_norm(x, mean, variance, self.weight, self.bias, True, self.momentum, self.eps)
        count = x.numel() / x.shape[1]
        with torch.no_grad():
            kept = self.running_var * (1 - self.momentum)
            self.running_mean.copy_(mean)
            self.running_var.copy_(kept + (variance - kept) * ((count - 1) / count))
            self.num_batches_tracked.add_(1)
        return y
`,
  without: `def without(layer, *names):
    """The layer without these of its parameters: no factor, no offset."""
    for name in names:
        setattr(layer, name, None)
    return layer
`,
  TableConv2d: `class TableConv2d(nn.Module):
    """Convolution whose outputs see the input channels of a table; weight [height, width, connections]."""

    def __init__(self, channels, connections, kernel_size, bias=True, **window):
        super().__init__()
        self.window = window
        self.shape = (len(connections), channels, *kernel_size)
        pairs = [(o, c) for o, inputs in enumerate(connections) for c in inputs]
        self.places = tuple(torch.tensor(side) for side in zip(*pairs))
        self.weight = nn.Parameter(torch.zeros(*kernel_size, len(pairs)))
        self.bias = nn.Parameter(torch.zeros(len(connections))) if bias else None

    def forward(self, x):
        filters = x.new_zeros(self.shape).index_put(tuple(p.to(x.device) for p in self.places), self.weight.permute(2, 0, 1))
        return F.conv2d(x, filters, self.bias, **self.window)
`,
  Subsampling2d: `class Subsampling2d(nn.Module):
    """A coefficient and a bias for each channel: coefficient * sum of the window + bias."""

    def __init__(self, channels, kernel_size):
        super().__init__()
        self.kernel_size = kernel_size
        self.coefficient = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        sums = F.avg_pool2d(x, self.kernel_size, divisor_override=1)
        return sums * self.coefficient[:, None, None] + self.bias[:, None, None]
`,
  RbfOutput: `class RbfOutput(nn.Module):
    """Minus the squared distances from codes."""

    def __init__(self, codes):
        super().__init__()
        self.register_buffer('codes', torch.tensor(codes, dtype=torch.float32), persistent=False)

    def forward(self, x):
        return 2 * x @ self.codes.T - self.codes.square().sum(1) - x.square().sum(1, keepdim=True)
`,
  avg_pool: `def avg_pool(x, size, strides, pads, beyond, count_pads):
    """Means of windows; pads and beyond (what windows of ceil mode reach over them): left, right, top, bottom."""
    counted = F.pad(torch.ones_like(x[:1, :1]), pads, value=float(count_pads))
    mean = F.avg_pool2d(F.pad(F.pad(x, pads), beyond), size, strides)
    return mean / F.avg_pool2d(F.pad(counted, beyond), size, strides)
`,
  l2_pool: `def l2_pool(x, size, strides, pads):
    """Roots of the sums of squares; the gradient of 0 is 0. pads: left, right, top, bottom."""
    sums = F.avg_pool2d(F.pad(x * x, pads), size, strides, divisor_override=1)
    return torch.where(sums > 0, sums.clamp_min(torch.finfo(sums.dtype).tiny).sqrt(), 0)
`,
} as const;

/** The name of one. */
export type Snippet = keyof typeof SNIPPETS;
