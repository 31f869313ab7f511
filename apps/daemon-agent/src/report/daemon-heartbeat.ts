import { v7 as uuidv7 } from 'uuid';
import { compose, DaemonHeartbeat, encode, subjects } from '#contracts';
import { patchpointVersion } from '#runtime';
import type { AgentConfig } from '../agent.config.js';
import type { TaskRegistry } from '../spawn/task-registry.js';
import type { Send } from './task-output.js';

/** Tells patch-store every few seconds that this daemon lives, how much room it has, and what it runs. */
export class DaemonHeartbeats {
  private readonly startedAt = new Date();
  private readonly agentVersion = patchpointVersion();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly daemonId: string,
    private readonly config: AgentConfig,
    private readonly registry: TaskRegistry,
    private readonly send: Send,
  ) {}

  start(): void {
    this.beat();
    this.timer = setInterval(() => this.beat(), this.config.signOfLifeSeconds * 1000);
  }

  /** Once more, now: the daemon's tasks changed, or NATS came back. */
  beat(): void {
    const heartbeat = compose(DaemonHeartbeat, {
      eventId: uuidv7(),
      daemonId: this.daemonId,
      pool: this.config.pool,
      hostname: this.config.hostname,
      agentVersion: this.agentVersion,
      maxTasks: this.config.maxTasks,
      tasks: this.registry.active().map(({ spawn }) => ({ taskId: spawn.taskId, attempt: spawn.attempt })),
      startedAt: this.startedAt.toISOString(),
    });
    this.send(subjects.heartbeat(this.daemonId), encode(heartbeat));
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
