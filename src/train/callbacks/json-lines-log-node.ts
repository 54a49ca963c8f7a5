import { AppendFile } from './append-file-node.js';
import type { EpochReport, TrainerCallback } from './callback.js';
import { mendLog } from './mend-log-node.js';
import { neverFatal } from './never-fatal-node.js';

/**
 * Writes a line of JSON for the beginning, every step, every epoch and the end of a training: `kind` 'begin', 'step', 'epoch' or 'end',
 * `step`, `time` (ISO 8601) and what the callback was told. JSON has no NaN and no infinities: these are the strings "NaN",
 * "Infinity" and "-Infinity". A line is with the system before the next step begins, and survives when the process is killed.
 *
 * A training that goes on from a checkpoint goes on in the same file: lines of steps behind the checkpoint are dropped, a last line that
 * was cut off is taken away, and no step is there twice. So a training that begins anew clears the file: give each its own.
 *
 * @param path of the file; folders are made
 * @throws ArgumentError when training begins, where the file cannot be written or is no such log. What goes wrong later is a warning
 */
export function jsonLinesLog(path: string): TrainerCallback {
  let file: AppendFile | undefined;
  let step = 0;
  let epochsWritten = 0;
  const write = (kind: string, content: object) => {
    file?.append(`${JSON.stringify({ kind, time: new Date().toISOString(), ...content }, asJson)}\n`);
  };
  return neverFatal(`jsonLinesLog '${path}'`, {
    onBegin(start) {
      file = new AppendFile('jsonLinesLog', path, 'a+');
      try {
        epochsWritten = mendLog(file, start.step);
        step = start.step;
        const { epochs, steps, count, batchSize } = start;
        write('begin', { step, epochs, steps, count, batchSize });
      } catch (error) {
        file.close();
        throw error;
      }
    },
    onStep(report) {
      step = report.step;
      write('step', report);
    },
    onEpoch(report: EpochReport) {
      // Told again where the checkpoint was written between the last step and the test.
      if (report.epoch > epochsWritten) write('epoch', report);
    },
    onEnd(error) {
      try {
        write('end', { step, ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }) });
      } finally {
        file?.close();
        file = undefined;
      }
    },
  });
}

function asJson(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
