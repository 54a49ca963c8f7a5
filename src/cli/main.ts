#!/usr/bin/env node
import { runProgram } from './program.js';

// Whoever reads (head, less) may have had enough before all is written.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await runProgram(process.argv);
