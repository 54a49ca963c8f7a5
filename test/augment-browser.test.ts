/** Changes of pictures on tfjs's own webgl, in a real browser. */
import { allowance, augmentCases } from './augment-cases.js';
import { exercise, PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';

describeIf('chromium', 'augmentation on webgl in Chromium', () => {
  let host: PageHost;
  beforeAll(async () => {
    host = await PageHost.start();
  }, 120_000);
  afterAll(() => host?.stop());

  test('gives what bytes give: what is moved, cut and masked exactly, all else within one grey level', async () => {
    const page = await host.open('plain');
    const { backend, rows, layer } = await exercise(page, 'augmentation');
    expect(backend).toBe('webgl');
    expect(rows.map(({ name }) => name)).toEqual(augmentCases.map(({ name }) => name));
    const allowed = new Map(augmentCases.map((each) => [each.name, allowance(each)]));
    expect(rows.filter(({ name, difference }) => !(difference <= allowed.get(name)!))).toEqual([]);
    expect(layer).toBeLessThanOrEqual(0.5);
  }, 300_000);
});
