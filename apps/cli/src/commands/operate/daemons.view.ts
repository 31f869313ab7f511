import type { DaemonView } from '#contracts';
import { age, oneLine } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { table } from '../../output/table.js';

/** Pure: `patchpoint daemons`. */
export function daemonsView({ daemons }: { daemons: readonly DaemonView[] }, { paint, now }: Look): string {
  if (daemons.length === 0) return 'There are no daemons yet. Is a daemon-agent running?';
  const rows = daemons.map((daemon) => [
    daemon.id,
    daemon.state === 'alive' ? paint('green', 'alive') : paint('red', 'dead'),
    `${age(daemon.lastHeartbeatAt, now)} ago`,
    daemon.pool,
    `${daemon.tasks.length}/${daemon.maxTasks}`,
    oneLine(daemon.hostname),
    daemon.agentVersion,
  ]);
  return table(['DAEMON', 'STATE', 'HEARD', 'POOL', 'TASKS', 'HOST', 'VERSION'], rows, { paint });
}
