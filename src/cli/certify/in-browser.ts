import { type PackedRecord, unpackRecord } from '../../inspect/certify/packed-record.js';
import type { TrainingRecord } from '../../inspect/certify/training-record.js';
import { BackendError } from '../backends.js';
import { bundlePage } from '../chromium/bundle-page.js';
import type { Driver } from '../chromium/find-chromium.js';
import { ServedPages } from '../chromium/served-pages.js';
import type { Absence } from './in-child.js';
import type { CertifyPage } from './page.js';
import { pageFile } from './page-file.js';
import type { CertifySpec } from './spec.js';

const BACKENDS = ['wasm-cnn', 'webgl', 'webgpu'] as const;

/** Trains on every backend that Chromium has, one after the other in one page. Their names are 'chromium webgl' and so on. */
export async function recordInBrowser(
  driver: Driver,
  spec: CertifySpec,
  onRecord: (found: TrainingRecord | Absence) => void,
): Promise<void> {
  const told = (backend: string) => `chromium ${backend}`;
  let pages: ServedPages | undefined;
  try {
    pages = await ServedPages.serve(await bundlePage(pageFile()), driver);
    const page = await pages.open('isolated');
    for (const backend of BACKENDS) {
      const run = ([name, given]: readonly [(typeof BACKENDS)[number], CertifySpec]) =>
        (globalThis as unknown as CertifyPage).certifyOn(name, given);
      const answer = await page
        .evaluate(run, [backend, spec] as const)
        .catch((error: Error): Absence => ({ backend: told(backend), reason: error.message.split('\n')[0]!, missing: false }));
      if (typeof answer === 'string') onRecord({ backend: told(backend), reason: answer, missing: true });
      else if ('reason' in answer) onRecord(answer);
      else onRecord({ ...unpackRecord(answer as PackedRecord), backend: told(backend) });
    }
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    // It was asked for: that it is not there is a failure.
    onRecord({ backend: 'chromium', reason: error.message, missing: false });
  } finally {
    await pages?.stop();
  }
}
