import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EmbeddedError } from '../embedded-error.js';
import { openPrivately } from '../privacy/private-files.js';
import { handleOf, type ChildHandle } from './child-handle.js';
import { stopWithParent } from './stop-with-parent.js';

export interface ServerCommand {
  /** For messages: "Postgres", "nats-server". */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The user to run as, if it is not ours. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Both outputs are appended here, even if nobody reads them any more. */
  readonly logFile: string;
  /** The signal that makes it shut down gracefully. */
  readonly stopSignal: NodeJS.Signals;
}

/**
 * Starts a server program that stops when this process is gone. Resolves when the program is running, which
 * is before it accepts connections.
 */
export async function spawnServer(server: ServerCommand): Promise<ChildHandle> {
  const log = await openPrivately(server.logFile);
  try {
    const child = withoutOthers(() =>
      spawn(server.command, server.args, {
        stdio: ['ignore', log.fd, log.fd],
        env: server.environment,
        // In its own process group: Ctrl-C must only reach us, because we stop things in order.
        detached: true,
        ...(server.user && { uid: server.user.uid, gid: server.user.gid }),
      }),
    );
    const handle = handleOf(child, server.stopSignal);
    await once(child, 'spawn');
    stopWithParent(child, server.stopSignal);
    return handle;
  } catch (cause) {
    throw new EmbeddedError(
      `Cannot run ${server.what} from ${server.command}: ${(cause as Error).message}. ` +
        'Check that the file exists and is executable.',
      { cause },
    );
  } finally {
    await log.close();
  }
}

/** What a server writes is for its owner alone, whatever our umask is, which its process inherits. */
function withoutOthers<T>(start: () => T): T {
  const umask = process.umask(0o077);
  try {
    return start();
  } finally {
    process.umask(umask);
  }
}
