import type { DaemonView } from '#contracts';
import type { KnownDaemon } from '#database';

/** Pure: a daemon as HTTP shows it, from its row. */
export function daemonView(daemon: KnownDaemon): DaemonView {
  return {
    id: daemon.id,
    state: daemon.isAlive ? 'alive' : 'dead',
    pool: daemon.pool,
    hostname: daemon.hostname,
    agentVersion: daemon.agentVersion,
    maxTasks: daemon.maxTasks,
    tasks: daemon.runningTasks,
    startedAt: daemon.startedAt.toISOString(),
    firstSeenAt: daemon.firstSeenAt.toISOString(),
    lastHeartbeatAt: daemon.lastHeartbeatAt.toISOString(),
  };
}
