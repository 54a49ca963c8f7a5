import { Command } from 'commander';
import { type CheckedOp, checkOps } from '../../inspect/check-ops.js';
import { opCases } from '../../inspect/op-cases.js';
import { useBackend } from '../backends.js';
import { backendOption, jsonOption } from '../options.js';
import { Output } from '../output.js';

interface CheckOptions {
  backend: string;
  json?: boolean;
}

export function checkCommand(): Command {
  return new Command('check')
    .description(
      "validate the gradients of all ops: against float64 references, central differences and, where these are right, tf's own",
    )
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(check);
}

/** Exit code 1 where a gradient is wrong. */
async function check({ backend, json }: CheckOptions): Promise<void> {
  const output = new Output(json === true);
  await useBackend(backend);
  const width = Math.max(...opCases.map(({ name }) => name.length));
  output.say(`${'op'.padEnd(width)}  gradients held against              worst error / bound`);
  const rows = await checkOps(opCases, (row) => output.say(describeRow(row, width)));
  const failed = rows.filter(({ report }) => !report.passed);
  for (const { name, report } of failed) output.say(`\n${name}\n${report}`);
  output.say(`\n${rows.length - failed.length} of ${rows.length} pass on ${backend}`);
  output.result({ backend, passed: rows.length - failed.length, failed: failed.map(({ name }) => name) });
  if (failed.length > 0) process.exitCode = 1;
}

function describeRow({ name, report }: CheckedOp, width: number): string {
  const oracles = [...new Set(report.comparisons.map(({ against }) => against))].join(', ');
  const shares = report.comparisons.map(({ worst }) => (worst.bound > 0 ? worst.error / worst.bound : 0));
  return `${name.padEnd(width)}  ${oracles.padEnd(34)}  ${Math.max(...shares).toFixed(3)}  ${report.passed ? 'ok' : 'WRONG'}`;
}
