import { Controller, Get } from '@nestjs/common';
import { Database, findDaemons, type KnownDaemon } from '#database';

export interface DaemonView {
  id: string;
  /** `dead`: silent for 120 s. */
  state: 'alive' | 'dead';
  pool: string;
  hostname: string;
  agentVersion: string;
  maxTasks: number;
  /** What the daemon said that it runs. */
  tasks: { taskId: string; attempt: number }[];
  /** By the daemon's clock. */
  startedAt: string;
  /** By the database's clock, as the next one. */
  firstSeenAt: string;
  lastHeartbeatAt: string;
}

@Controller('v1/daemons')
export class DaemonsController {
  constructor(private readonly database: Database) {}

  /** Every daemon that was ever heard of, by id. */
  @Get()
  async list(): Promise<{ daemons: DaemonView[] }> {
    const daemons = await findDaemons(this.database.manager);
    return { daemons: daemons.map(daemonView) };
  }
}

function daemonView(daemon: KnownDaemon): DaemonView {
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
