#!/usr/bin/env node
import { Logger } from '@nestjs/common';
import { Command } from 'commander';
import { demoCommand } from './commands/demo.js';
import { migrateCommand } from './commands/migrate.js';
import { upCommand } from './commands/up.js';
import { reportFailure } from './report-failure.js';

// The libs log for operators of services; here the commands themselves speak to a person.
Logger.overrideLogger(false);

const program = new Command('patchpoint')
  .description('Keeps the uncommitted work of coding agents alive when the machine under them dies.')
  .addCommand(upCommand())
  .addCommand(demoCommand())
  .addCommand(migrateCommand())
  .showHelpAfterError('(see patchpoint --help)');

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
