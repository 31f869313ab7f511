/**
 * Puts checkpoints into a spool until it is killed, and says the id of each once it is kept. Arguments: the
 * built spool, the folder.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';

const [spoolModule, folder] = process.argv.slice(2);
const { Spool } = await import(spoolModule);
const folders = Object.fromEntries(
  ['spool', 'rejected', 'quarantine'].map((name) => [name, join(folder, name)]),
);
const spool = await Spool.open(folders, 1024 ** 3);
const patch = randomBytes(4 * 1024 * 1024); // large: most of the time goes into writing
for (;;) {
  const eventId = uuidv7();
  await spool.put({
    event: {
      schemaVersion: 1,
      eventId,
      daemonId: 'daemon-1',
      taskId: uuidv7(),
      attempt: 1,
      sequence: 1,
      kind: 'heartbeat',
      success: true,
      capturedAt: new Date().toISOString(),
      message: 'to be killed',
      treeSha: 'e'.repeat(40),
    },
    patch,
    bundle: null,
  });
  process.stdout.write(`${eventId}\n`);
}
