#!/usr/bin/env node
/**
 * The command `patchpoint`. Only loads what the current command needs.
 *
 *   program → command → session (which server, how to print) → find what was meant → client → view
 *
 * Prints results on stdout and everything else on stderr; exit codes are in errors/exit-codes.ts.
 */
import { CommanderError } from 'commander';
import { EXIT_CODES } from './errors/exit-codes.js';
import { createProgram } from './program.js';
import { reportFailure } from './shell/report-failure.js';

// The reader of our output may close it early (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_CODES.done);
});

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode =
    error instanceof CommanderError
      ? error.exitCode === 0 // help or version was requested
        ? EXIT_CODES.done
        : EXIT_CODES.usage
      : reportFailure(error, { json: process.argv.includes('--json') });
}
