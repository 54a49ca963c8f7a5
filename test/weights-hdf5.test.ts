/** HDF5 as h5py writes it, in old and new versions of its structures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hdf5Dataset } from '../src/weights/formats/hdf5/dataset.js';
import { openHdf5 } from '../src/weights/formats/hdf5/open.js';
import { python } from './python.js';
import { describeIf } from './requires.js';

/** Writes a file of every kind of group, attribute, type and layout; prints what it holds. */
const WRITE = `
import sys, json, h5py, numpy as np, ml_dtypes
path, libver = sys.argv[1:]
rng = np.random.default_rng(1)
libver = 'earliest' if libver == 'earliest' else ('v108', 'v108') if libver == 'v108' else 'latest'
arrays = {}
def put(group, name, array, wide=None, **options):
  group.create_dataset(name, data=array, **options)
  wide = np.asarray(array if wide is None else wide)
  arrays[(group.name + '/' + name).lstrip('/').replace('//', '/')] = dict(shape=list(wide.shape), bytes=wide.tobytes().hex())
with h5py.File(path, 'w', libver=libver) as file:
  types = file.create_group('types')
  x = rng.normal(size=(3, 4)) * 50
  for t in ['f8', 'f4', 'i8', 'i4', 'i2', 'i1', 'u1', '>f4', '>i2']: put(types, t, x.astype(t), x.astype(t).astype(t.replace('>', '')))
  put(types, 'f2', x.astype('f2'), x.astype('f2').astype('f4'))
  put(types, 'u2', np.array([0, 65535, 7], 'u2'), np.array([0, 65535, 7], 'i4'))
  put(types, 'u4', np.array([0, 2**32 - 1, 7], 'u4'), np.array([0, 2**32 - 1, 7], 'i8'))
  put(types, 'u8', np.array([0, 2**63 - 1], 'u8'), np.array([0, 2**63 - 1], 'i8'))
  put(types, 'bool', x > 0)
  put(types, 'scalar', np.float32(1.5))
  put(types, 'empty', np.zeros((0, 3), 'f4'))
  many = file.create_group('many/of/them')
  for i in range(700): put(many, 'array_%d' % i, np.full((2,), i, 'f4'))
  few = file.create_group('few', track_order=True)
  for i in range(5): put(few, 'z%d' % (9 - i), np.full((1,), i, 'f4'))
  pieces = file.create_group('pieces')
  y = rng.integers(0, 9, size=(23, 5, 17)).astype('f4')
  put(pieces, 'one', y, chunks=y.shape, compression='gzip')
  if libver == 'latest':
    pieces.create_dataset('listed', data=y, chunks=(5, 2, 6))
  else:
    put(pieces, 'gzip', y, chunks=(5, 2, 6), compression='gzip', shuffle=True)
    put(pieces, 'sums', y, chunks=(5, 5, 6), fletcher32=True)
    put(pieces, 'line', np.arange(5000, dtype='i4'), chunks=(7,))
  pieces.create_dataset('lzf', data=y, chunks=y.shape, compression='lzf')
  pieces.create_dataset('texts', data=['a', 'b'])
  pieces.create_dataset('filled', shape=(3,), dtype='f4', fillvalue=2)
  pieces.create_dataset('elsewhere', shape=(3,), dtype='f4', external=[('other', 0, 12)])
  pieces['soft'] = h5py.SoftLink('/types/f4')
  pieces['outside'] = h5py.ExternalLink('other.h5', '/types/f4')
  file.create_dataset('unwritten', shape=(2, 3), dtype='f4'); arrays['unwritten'] = dict(shape=[2, 3], bytes=bytes(24).hex())
  file.attrs['fixed'] = np.array([b'one', b'three'], dtype='S5')
  file.attrs['one'] = 'g\\u00fcnstig'
  file.attrs['list'] = ['a', '', 'long ' * 50]
  file.attrs['none'] = np.array([])
  for i in range(40): few.attrs['many%d' % i] = 'value %d' % i
print(json.dumps(arrays))
`;

describeIf('python', 'HDF5', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hdf5-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['earliest', 'v108', 'latest'])('files that h5py writes: libver %s', async (libver) => {
    const path = join(folder, `${libver}.h5`);
    const expected = python<Record<string, { shape: number[]; bytes: string }>>(WRITE, path, libver);
    const root = openHdf5(path, new Uint8Array(readFileSync(path)));
    const found: Record<string, { shape: readonly number[]; bytes: string }> = {};
    for (const name of Object.keys(expected)) {
      const member = root.get(name);
      if (!(member instanceof Hdf5Dataset)) throw new Error(`${name} is no array`);
      const { shape, data } = await member.read();
      found[name] = { shape, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex') };
    }
    expect(found).toEqual(expected);
    expect(root.group('many/of/them')?.names().sort()).toEqual(Array.from({ length: 700 }, (_, i) => `array_${i}`).sort());
    expect(root.texts('fixed')).toEqual(['one', 'three']);
    expect(root.text('one')).toBe('günstig');
    expect(root.texts('list')).toEqual(['a', '', 'long '.repeat(50)]);
    expect(root.texts('none')).toEqual([]);
    expect(root.texts('absent')).toBeUndefined();
    const few = root.group('few')!;
    expect(Array.from({ length: 40 }, (_, i) => few.text(`many${i}`))).toEqual(
      Array.from({ length: 40 }, (_, i) => `value ${i}`),
    );
    expect(root.get('few/z9/beyond')).toBeUndefined();
    for (const name of ['soft', 'outside']) expect(root.get(`pieces/${name}`)).toBeUndefined();
    const refused: [string, string][] = [
      ['lzf', 'expected gzip, shuffle or fletcher32, found filter 32000; save the file with gzip or none'],
      ['texts', "expected 'pieces/texts' to have numbers, found texts"],
      ['filled', "expected 'pieces/filled' to have unwritten numbers to be 0, found another fill value"],
      ['elsewhere', "expected 'pieces/elsewhere' to have numbers in this file, found numbers in another one"],
    ];
    if (libver === 'latest') refused.push(['listed', "found list 3 of HDF5 1.10; save the file with libver='earliest'"]);
    for (const [name, message] of refused) {
      await expect((root.get(`pieces/${name}`) as Hdf5Dataset).read()).rejects.toThrow(message);
    }
  });
});
