import { ForwardOnlyMigration } from './forward-only.js';

export class DaemonProcesses1795370000008 extends ForwardOnlyMigration {
  readonly name = 'DaemonProcesses1795370000008';

  protected readonly sql = `
    ALTER TABLE daemons ADD COLUMN process_since TIMESTAMPTZ(3) NOT NULL DEFAULT now();
    COMMENT ON COLUMN daemons.process_since IS
      'First heartbeat of the process that sends them now, by the clock of this database';
  `;
}
