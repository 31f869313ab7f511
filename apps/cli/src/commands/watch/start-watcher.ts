import type { WatchMessage } from '#contracts';
import { EmbeddedError, startApp, type AppProcess } from '#embedded';
import { CliError } from '../../errors/cli-error.js';
import type { WatchFolder } from './watch-folder.js';

/**
 * Starts the daemon that watches the worktree, as a child process that ends with this one. It then waits for
 * its task.
 *
 * @param everySeconds between captures; 0: only the final one, when it is stopped
 * @throws CliError when the worktree is already being watched; EmbeddedError when it does not start
 */
export async function startWatcher(
  folder: WatchFolder,
  worktreeDir: string,
  options: { natsUrl: string; everySeconds: number; onMessage: (message: WatchMessage) => void },
): Promise<AppProcess> {
  const { natsUrl, everySeconds, onMessage } = options;
  try {
    return await startApp({
      app: 'daemon-agent',
      name: 'watcher',
      runDir: folder.runDir,
      environment: {
        NATS_URL: natsUrl,
        PATCHPOINT_DAEMON_ID: folder.daemonId,
        PATCHPOINT_POOL: folder.daemonId,
        PATCHPOINT_STATE_DIR: folder.stateDir,
        PATCHPOINT_WATCH_DIR: worktreeDir,
        PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: String(everySeconds),
        PATCHPOINT_MAX_TASKS: '1',
      },
      onMessage: (message) => onMessage(message as WatchMessage),
    });
  } catch (error) {
    if (!(error instanceof EmbeddedError) || !error.isInUse()) throw error;
    throw new CliError(`${worktreeDir} is already being watched by another \`patchpoint watch\`.`, {
      code: 'ALREADY_WATCHED',
      nextStep: 'Stop that one first if you want to replace it.',
    });
  }
}
