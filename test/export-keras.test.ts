/** Nets as Keras models: what they give, and that they train alike. */
import { describeEngine } from './export-engine.js';

const RUN = `
import importlib.util, json, os, sys
# Nets are compiled here to be run once.
os.environ['XLA_FLAGS'] = '--xla_backend_optimization_level=0'
import keras, numpy as np

def opened(folder):
    spec = importlib.util.spec_from_file_location('model', folder + '/model.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.net()
    with np.load(folder + '/weights.npz') as file:
        assert sorted(file.files) == sorted(variable.path for variable in net.weights)
    module.load_weights(net, folder + '/weights.npz')
    return module, net

def pictures(case):
    return np.fromfile(case['folder'] + '/x.bin', dtype='<f4').reshape(case['shape'])

given = json.load(open(sys.argv[1]))
results = {}
for name, case in given['cases'].items():
    ys = opened(case['folder'])[1].predict(pictures(case), verbose=0)
    results[name] = [y.reshape(-1).tolist() for y in (ys if isinstance(ys, (list, tuple)) else [ys])]

case = given['step']
module, net = opened(case['folder'])
net.compile(keras.optimizers.SGD(case['rate']), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
net.train_on_batch(pictures(case), np.array([0, 1, 2]))
module.save_weights(net, case['folder'] + '/trained.npz')
net.save(case['folder'] + '/trained.keras')
json.dump(results, sys.stdout)
`;

/** Nets are compiled there, which takes its time: a few that together use all there is. */
const names = [
  'leNet5',
  'leNet5 1998',
  'mnistConvNet',
  'alexNet',
  'zfNet',
  'vgg11',
  'googLeNet with heads',
  'googLeNet paper',
  'inceptionV3 keras',
  'resNet18',
  'resNet50V2',
  'resNeXt50_32x4d',
  'cifarResNet20',
  'denseNet keras',
  'cifarDenseNet',
  'squeezeNet1_1',
  'mobileNetV1',
  'mobileNetV2 keras, softmax',
  'nin',
  'every layer',
  'vectors in both orders',
  'stock layers',
];

describeEngine('exported to Keras', { to: 'keras', names, program: RUN, trained: 'trained.npz' });
