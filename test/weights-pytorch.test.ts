/** PyTorch's checkpoints, as PyTorch itself writes and reads them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WeightFile } from '../src/weights/index.js';
import { readWeights } from '../src/weights/index.js';
import { python } from './python.js';
import { describeIf, sharedPath } from './requires.js';
import { TELL, type Told, toldAll } from './told-arrays.js';

describeIf(['shared data', 'python'], 'real checkpoints', () => {
  const folder = sharedPath('pretrained/akamaster-cifar10-resnet');
  const files = readdirSync(folder).filter((name) => name.endsWith('.th'));

  test.each(files)('%s: names, shapes and numbers are those of torch.load', async (name) => {
    const path = join(folder, name);
    const file = await readWeights(path);
    const expected = python<Record<string, Told>>(
      `${TELL}
d = torch.load(sys.argv[1], map_location='cpu', weights_only=True)
print(json.dumps({k.removeprefix('module.'): tell(t) for k, t in d['state_dict'].items()}))`,
      path,
    );
    expect(Object.keys(file.arrays)).toEqual(Object.keys(expected));
    expect(toldAll(file)).toEqual(expected);
    expect([file.format, file.framework]).toEqual(['pytorch', 'torch']);
    expect(file.metadata).toMatchObject({ key: 'state_dict', stripped: ['module.'] });
  });
});

/** What a checkpoint can hold; each case twice, in both formats. */
const CASES = `
import collections, numpy as np
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.bn = torch.nn.BatchNorm2d(4)
class Strange:
    def __init__(self, *args): self.args = args
    def __reduce_ex__(self, protocol): return (Strange, (1, 2), {'state': torch.ones(3)})
torch.manual_seed(1)
net = Net()
base = torch.arange(24.).reshape(4, 6)
types = {str(d)[6:]: (torch.randn(5, 3) * 20).to(d) for d in (torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)}
codes = torch.arange(65536, dtype=torch.int32).to(torch.int16)
# Processors that widen signalling NaNs make them quiet.
halves = codes.view(torch.float16)[~codes.view(torch.float16).isnan()]
adam = torch.optim.Adam(net.parameters())
net.bn(net.conv(torch.randn(1, 3, 8, 8))).sum().backward()
adam.step()
from argparse import Namespace
cases = {
    'state dict': (net.state_dict(), net.state_dict()),
    'types': (types, types),
    'strides': (v := {'plain': base, 'turned': base.t(), 'part': base[1:3, 2:5], 'steps': base[::2, ::3], 'expanded': base[:, :1].expand(4, 3),
        'permuted': torch.randn(2, 3, 4, 5).permute(3, 1, 0, 2), 'channels last': torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        'scalar': torch.tensor(7.), 'empty': torch.zeros(0, 3), 'element': base[2, 3]}, v),
    'half strides': (v := {'a': base.half().t(), 'b': base.bfloat16()[1:, 1:]}, v),
    'parameters': (v := {'w': torch.nn.Parameter(torch.randn(3, 2)), 'b': torch.nn.Parameter(torch.randn(3), requires_grad=False)}, v),
    'nested': ({'epoch': 3, 'model': net.state_dict(), 'optimizer': adam.state_dict(), 'best_acc1': np.float64(71.5), 'arch': 'net',
        'loss': np.float32(0.5), 'args': Namespace(lr=0.1), 'strange': Strange(), 'history': collections.defaultdict(list, {'a': [1]}),
        'sets': {1, 2}, 'rng': torch.get_rng_state(), 'numbers': np.arange(3), 'words': np.array(['a', 'b'], dtype=object)}, net.state_dict()),
    'ema beside': ({'ema': {k: v + 1 for k, v in net.state_dict().items()}, 'model_state_dict': net.state_dict()}, net.state_dict()),
    'DataParallel': ({'net': torch.nn.DataParallel(net).state_dict()}, net.state_dict()),
    'compiled': ({'module._orig_mod.' + k: v for k, v in net.state_dict().items()}, net.state_dict()),
    'compiled inside': ({k.replace('conv.', 'conv._orig_mod.'): v for k, v in net.state_dict().items()}, net.state_dict()),
    'averaged': (torch.optim.swa_utils.AveragedModel(net).state_dict(), net.state_dict()),
    'all halves': (v := {'halves': halves, 'brains': codes.view(torch.bfloat16)}, v),
}
`;

describeIf('python', 'what PyTorch saves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-pytorch-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const names = [...CASES.matchAll(/^ {4}'([^']+)': \(/gm)].map(([, name]) => name!);
  let expected: Record<string, Record<string, Told>>;

  beforeAll(() => {
    expected = python(
      `${TELL}${CASES}
sys.modules['__main__'].Strange, sys.modules['__main__'].Net = Strange, Net
for name, (value, _) in cases.items():
    torch.save(value, f'{sys.argv[1]}/{name}.pt')
    torch.save(value, f'{sys.argv[1]}/{name}.legacy', _use_new_zipfile_serialization=False)
    torch.save(value, f'{sys.argv[1]}/{name}.4', pickle_protocol=4)
torch.save(net, f'{sys.argv[1]}/net.whole')
torch.save({'model': net, 'statistics': {'mean': torch.zeros(3)}}, f'{sys.argv[1]}/net.inside')
torch.save(adam.state_dict(), f'{sys.argv[1]}/optimizer')
torch.save({'optimizer': {'state': {'a': torch.zeros(3)}}}, f'{sys.argv[1]}/optimizer.named')
torch.save(torch.ones(3), f'{sys.argv[1]}/tensor')
torch.save({'w': torch.zeros(3, dtype=torch.complex64), 'b': torch.ones(2)}, f'{sys.argv[1]}/complex.legacy', _use_new_zipfile_serialization=False)
torch.jit.script(torch.nn.Linear(2, 3)).save(f'{sys.argv[1]}/script')
print(json.dumps({name: {k: tell(t) for k, t in plain.items()} for name, (_, plain) in cases.items()}))`,
      folder,
    );
  }, 120_000);

  describe.each(['pt', 'legacy', '4'])('.%s', (ending) => {
    test.each(names)('%s', async (name) => {
      const file = await readWeights(join(folder, `${name}.${ending}`));
      expect(Object.keys(file.arrays)).toEqual(Object.keys(expected[name]!));
      expect(toldAll(file)).toEqual(expected[name]);
    });
  });

  test.each(['pt', 'legacy'])('what stands beside the weights is told (.%s)', async (ending) => {
    const { metadata } = await readWeights(join(folder, `nested.${ending}`));
    expect(metadata).toEqual({
      key: 'model',
      checkpoint: { epoch: 3, best_acc1: 71.5, arch: 'net', loss: 0.5 },
      passedOver: ['optimizer', 'args', 'strange', 'history', 'sets', 'rng', 'numbers', 'words'],
    });
    const averaged = await readWeights(join(folder, `averaged.${ending}`));
    expect(averaged.metadata).toEqual({ stripped: ['module.'] });
  });

  test('another dictionary can be asked for', async () => {
    const path = join(folder, 'ema beside.pt');
    const [own, ema] = [await readWeights(path), await readWeights(path, { key: 'ema' })];
    expect(own.metadata).toMatchObject({ key: 'model_state_dict' });
    expect(ema.metadata).toMatchObject({ key: 'ema' });
    const bias = (file: WeightFile) => [...(file.arrays['conv.bias']!.data as Float32Array)];
    expect(bias(ema)).toEqual(bias(own).map((value) => Math.fround(value + 1)));
    await expect(readWeights(path, { key: 'best' })).rejects.toThrow(/tensors 'best', found ema, model_state_dict/);
  });

  test.each([
    ['net.whole', /a pickled model of the class '__main__\.Net'; save the state_dict/],
    ['net.inside', /a pickled model of the class '__main__\.Net'; save the state_dict/],
    ['optimizer', /found a dictionary without any: state, param_groups; save/],
    ['optimizer.named', /found a dictionary without any: optimizer; save/],
    ['tensor', /found a single tensor/],
    ['script', /a program of TorchScript; save its state_dict/],
  ])('%s is no state_dict, and the message says what to do', async (name, message) => {
    await expect(readWeights(join(folder, name))).rejects.toThrow(message);
  });

  test('types that nets do not have are passed over', async () => {
    const { arrays, metadata } = await readWeights(join(folder, 'complex.legacy'));
    expect(Object.keys(arrays)).toEqual(['b']);
    expect(metadata).toEqual({ passedOver: ['w'] });
  });
});
