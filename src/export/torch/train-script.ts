import { COMMON_OPTIONS } from '../train-options.js';

/** train.py for torchrun. */
export function torchTrainScript(softmax: boolean): string {
  return `"""Trains the net on one or many processes and machines: torchrun --nproc-per-node=2 train.py --data FOLDER"""
import argparse
import math
import os
import sys

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, Subset

import data
from model import LOSS_WEIGHTS, Net


def options():
    parser = argparse.ArgumentParser(description=__doc__)
${COMMON_OPTIONS}
    parser.add_argument('--weights', default='weights.pt', help="to begin with; 'none': PyTorch's own start")
    parser.add_argument('--output', default='trained.pt', help='state_dict of the trained net')
    parser.add_argument('--checkpoint', default='checkpoint.pt', help='written after every epoch')
    parser.add_argument('--batch-size', type=int, default=32, help='of each process')
    parser.add_argument('--label-smoothing', type=float, default=0.0)
    parser.add_argument('--workers', type=int, default=2, help='of each process, to prepare pictures')
    parser.add_argument('--device', choices=['auto', 'cpu', 'cuda'], default='auto')
    parser.add_argument('--amp', choices=['none', 'bfloat16', 'float16'], default='none', help='type of products')
    parser.add_argument('--sync-batch-norm', action='store_true', help='statistics over all processes; on GPUs only')
    return parser.parse_args()


def start(chosen):
    """Rank, number of processes and device of this one; without torchrun there is one."""
    rank, world = int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1))
    local, here = int(os.environ.get('LOCAL_RANK', 0)), int(os.environ.get('LOCAL_WORLD_SIZE', 1))
    # All processes of a job must agree, so one GPU each or none.
    on_gpu = chosen == 'cuda' or (chosen == 'auto' and torch.cuda.is_available() and torch.cuda.device_count() >= here)
    if on_gpu:
        torch.cuda.set_device(local)
    if world > 1:
        dist.init_process_group('nccl' if on_gpu else 'gloo')
    return rank, world, torch.device('cuda', local) if on_gpu else torch.device('cpu')


def loss_of(outputs, labels, smoothing):
    """Cross-entropy of each output by what it counts: auxiliary heads less."""
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return sum(weight * F.cross_entropy(y, labels, label_smoothing=smoothing) for weight, y in zip(LOSS_WEIGHTS, outputs))


def rate_at(step, steps, warmup):
    """Share of the learning rate: a straight rise, then half a cosine down to 0."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def save(content, path):
    """The old file stays until the new one is whole."""
    torch.save(content, path + '.part')
    os.replace(path + '.part', path)


@torch.no_grad()
def accuracy_of(net, pictures, batch_size, workers, rank, world, device):
    """Share of the test pictures that are named rightly; each process looks at its own, none is counted twice."""
    net.eval()
    own = Subset(pictures, range(rank, len(pictures), world))
    right = torch.zeros((), dtype=torch.int64, device=device)
    for x, labels in DataLoader(own, batch_size, num_workers=workers):
        outputs = net(x.to(device).permute(0, 3, 1, 2))
        scores = outputs[0] if isinstance(outputs, tuple) else outputs
        right += (scores.argmax(1) == labels.to(device)).sum()
    if world > 1:
        dist.all_reduce(right)
    return right.item() / max(1, len(pictures))


def main():
    args = options()
    rank, world, device = start(args.device)
    torch.manual_seed(args.seed)
    train, test = data.load(args.data, args.seed, args.flip, args.crop)
    sampler = DistributedSampler(train, world, rank, shuffle=True, seed=args.seed)
    workers = dict(num_workers=args.workers, pin_memory=device.type == 'cuda')
    # A batch of one picture has no variance; only where nothing else is left is it kept.
    loader = DataLoader(train, args.batch_size, sampler=sampler, drop_last=len(sampler) >= args.batch_size, **workers)

    net = Net(${softmax ? 'logits=True' : ''})
    if args.weights != 'none':
        net.load_state_dict(torch.load(args.weights, map_location='cpu', weights_only=True))
    if args.sync_batch_norm:
        net = torch.nn.SyncBatchNorm.convert_sync_batchnorm(net)
    net.to(device)
    steps = min(len(loader), args.steps or len(loader))
    optimizer = torch.optim.SGD(net.parameters(), args.learning_rate, args.momentum, weight_decay=args.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: rate_at(step, steps * args.epochs, steps * args.warmup)
    )
    scaler = torch.amp.GradScaler(device.type, enabled=args.amp == 'float16')
    first = 0
    if args.resume and os.path.exists(args.checkpoint):
        saved = torch.load(args.checkpoint, map_location=device, weights_only=True)
        net.load_state_dict(saved['net'])
        optimizer.load_state_dict(saved['optimizer'])
        schedule.load_state_dict(saved['schedule'])
        scaler.load_state_dict(saved['scaler'])
        first = saved['epoch'] + 1
    model = DistributedDataParallel(net, device_ids=[device.index] if device.type == 'cuda' else None) if world > 1 else net

    for epoch in range(first, args.epochs):
        # Other random numbers in every process and epoch, the same again after a resume.
        torch.manual_seed(args.seed + 1000003 * epoch + rank)
        sampler.set_epoch(epoch)
        train.epoch = epoch
        model.train()
        total = torch.zeros((), device=device)
        for step, (x, labels) in enumerate(loader):
            if step == steps:
                break
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device.type, getattr(torch, args.amp, None), enabled=args.amp != 'none'):
                outputs = model(x.to(device, non_blocking=True).permute(0, 3, 1, 2))
                loss = loss_of(outputs, labels.to(device, non_blocking=True), args.label_smoothing)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            schedule.step()
            total += loss.detach()
        if world > 1:
            dist.all_reduce(total)
            # Every process has moving statistics of its own pictures; those of the first one count.
            for buffer in net.buffers():
                dist.broadcast(buffer, 0)
        accuracy = accuracy_of(net, test, args.batch_size, args.workers, rank, world, device)
        if rank == 0:
            print(f'epoch {epoch + 1}/{args.epochs} loss {total.item() / (steps * world):.4f} accuracy {accuracy:.4f}', flush=True)
            state = dict(net=net.state_dict(), optimizer=optimizer.state_dict(), schedule=schedule.state_dict())
            save(dict(state, scaler=scaler.state_dict(), epoch=epoch), args.checkpoint)
    if rank == 0:
        save({name: value.cpu() for name, value in net.state_dict().items()}, args.output)
    if world > 1:
        dist.barrier()
        dist.destroy_process_group()
        # All is on disk. Threads of the group may still let tensors go; while the interpreter is taken down
        # under them that now and then ends the process by SIGABRT (pytorch/pytorch issue 190489).
        sys.stdout.flush()
        os._exit(0)


if __name__ == '__main__':
    main()
`;
}
