/** Nets as PyTorch modules: what they give, and that they train alike. */
import { exportedNets } from './export-cases.js';
import { describeEngine } from './export-engine.js';

const RUN = `
import importlib.util, json, os, sys
os.environ['OMP_NUM_THREADS'] = '1'
import numpy as np, torch, torch.nn.functional as F

def opened(folder):
    spec = importlib.util.spec_from_file_location('model', folder + '/model.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.Net()
    net.load_state_dict(torch.load(folder + '/weights.pt', weights_only=True))
    return net

def pictures(case):
    return torch.tensor(np.fromfile(case['folder'] + '/x.bin', dtype='<f4').reshape(case['shape'])).permute(0, 3, 1, 2)

given = json.load(open(sys.argv[1]))
results = {}
for name, case in given['cases'].items():
    with torch.no_grad():
        ys = opened(case['folder']).eval()(pictures(case))
    ys = ys if isinstance(ys, tuple) else (ys,)
    results[name] = [(y.permute(0, 2, 3, 1) if y.dim() == 4 else y).reshape(-1).tolist() for y in ys]

case = given['step']
net = opened(case['folder']).train()
optimizer = torch.optim.SGD(net.parameters(), case['rate'])
F.cross_entropy(net(pictures(case)), torch.tensor([0, 1, 2])).backward()
optimizer.step()
torch.save(net.state_dict(), case['folder'] + '/trained.pt')
json.dump(results, sys.stdout)
`;

describeEngine('exported to PyTorch', {
  to: 'torch-ddp',
  names: Object.keys(exportedNets),
  program: RUN,
  trained: 'trained.pt',
});
