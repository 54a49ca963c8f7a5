import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { benchCommand } from './commands/bench.js';
import { certifyCommand } from './commands/certify.js';
import { checkCommand } from './commands/check.js';
import { classicCommand } from './commands/classic.js';
import { convertCommand } from './commands/convert.js';
import { doctorCommand } from './commands/doctor.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { finetuneCommand } from './commands/finetune.js';
import { importCommand } from './commands/import.js';
import { inspectCommand } from './commands/inspect.js';
import { modelsCommand } from './commands/models.js';
import { predictCommand } from './commands/predict.js';
import { summaryCommand } from './commands/summary.js';
import { tensorflowCommand } from './commands/tensorflow.js';
import { trainCommand } from './commands/train.js';
import { INTERRUPTED, Interrupted } from './interrupt.js';

/** Exit codes: 0 all went well, 1 it did not, 2 the command line makes no sense, 130 interrupted. */
const FAILED = 1;
const USAGE = 2;

/**
 * Runs the command line.
 *
 * @param argv as in process.argv
 * @returns    the exit code
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const { version } = createRequire(import.meta.url)('tfjs-cnn/package.json') as { version: string };
  const program = new Command('tfjs-cnn')
    .description('Trains, tests and checks convolutional nets on TensorFlow.js')
    .version(version)
    .showHelpAfterError('(see --help)');
  for (const command of [
    trainCommand(),
    finetuneCommand(),
    evalCommand(),
    predictCommand(),
    modelsCommand(),
    summaryCommand(),
    tensorflowCommand(),
    inspectCommand(),
    convertCommand(),
    checkCommand(),
    certifyCommand(),
    doctorCommand(),
    benchCommand(),
    classicCommand(),
    exportCommand(),
    importCommand(),
  ]) {
    program.addCommand(command);
    inherit(command, program);
  }
  program.exitOverride();
  try {
    await program.parseAsync(argv);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** Help and errors of a command and of those below it are the program's. */
function inherit(command: Command, from: Command): void {
  command.copyInheritedSettings(from).exitOverride();
  for (const below of command.commands) inherit(below, command);
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its message already; help and version count as success.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof Interrupted) {
    process.stderr.write(`\n${error.message}\n`);
    return INTERRUPTED;
  }
  process.stderr.write(`\ntfjs-cnn: ${describe(error)}\n`);
  return FAILED;
}

/** Errors meant for people have a name of their own or come from the system; of others the stack is wanted. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected =
    error.name !== 'Error' && error.name !== 'TypeError' && error.name !== 'RangeError' && error.name !== 'ReferenceError';
  return expected || 'syscall' in error ? error.message : (error.stack ?? error.message);
}
