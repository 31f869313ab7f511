import { once } from 'node:events';
import { createServer } from 'node:net';
import { CliError } from '../../errors/cli-error.js';

/**
 * Fails early if a port is taken, before Postgres and the rest are started in vain.
 *
 * @throws CliError `PORT_TAKEN`
 */
export async function requireFreePort(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'is taken' : 'cannot be used';
    throw new CliError(`Port ${port} ${reason}.`, {
      code: 'PORT_TAKEN',
      nextStep: 'Choose another one with --port, or omit it to get a free one.',
      cause,
    });
  } finally {
    probe.close();
  }
}
