#!/usr/bin/env node
/**
 * The command `patchpoint`. Loads only what the command at hand needs.
 *
 *   program → command → session (which server, how to print) → find what was meant → client → view
 *
 * Prints results on stdout and all else on stderr; exit codes are in errors/exit-codes.ts.
 */
import { CommanderError } from 'commander';
import { EXIT_CODES } from './errors/exit-codes.js';
import { createProgram } from './program.js';
import { reportFailure } from './shell/report-failure.js';

// Whoever reads our output may have enough of it (`| head`).
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
      ? error.exitCode === 0 // help or version was asked for
        ? EXIT_CODES.done
        : EXIT_CODES.usage
      : reportFailure(error, { json: process.argv.includes('--json') });
}
