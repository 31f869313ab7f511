import type { DaemonView } from '#contracts';
import type { KnownDaemon } from '#database';

/**
 * Pure: a daemon as HTTP shows it, from its row.
 *
 * @param visible the tasks that are shown; absent: all of them
 */
export function daemonView(daemon: KnownDaemon, visible?: ReadonlySet<string>): DaemonView {
  return {
    id: daemon.id,
    state: daemon.isAlive ? 'alive' : 'dead',
    pool: daemon.pool,
    hostname: daemon.hostname,
    agentVersion: daemon.agentVersion,
    maxTasks: daemon.maxTasks,
    tasks: daemon.runningTasks.filter(({ taskId }) => visible?.has(taskId) ?? true),
    startedAt: daemon.startedAt.toISOString(),
    firstSeenAt: daemon.firstSeenAt.toISOString(),
    lastHeartbeatAt: daemon.lastHeartbeatAt.toISOString(),
  };
}
