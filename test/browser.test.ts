/** The package in a real browser, with threads (a cross-origin-isolated page) and without. */
import { exercise, type Isolation, PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';

describeIf('chromium', 'in Chromium', () => {
  let host: PageHost;
  beforeAll(async () => {
    host = await PageHost.start();
  });
  afterAll(() => host?.stop());

  describe.each<Isolation>(['isolated', 'plain'])('on a page that is %s', (isolation) => {
    test('wasm-cnn is a backend', async () => {
      const page = await host.open(isolation);
      const found = await exercise(page, 'surroundings');
      expect(found).toEqual({ backend: 'wasm-cnn', isolated: isolation === 'isolated', sum: 6 });
    });
  });
});
