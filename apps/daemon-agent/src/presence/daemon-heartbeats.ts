import { v7 as uuidv7 } from 'uuid';
import { compose, DaemonHeartbeat, encode, subjects } from '#contracts';
import { patchpointVersion } from '#runtime';
import type { AgentConfig } from '../agent.config.js';
import type { Spool } from '../spool/spool.js';
import type { TaskRegistry } from '../state/task-registry.js';
import { countUnconfirmed } from './count-unconfirmed.js';
import { failingCaptures } from './failing-captures.js';
import type { Send } from '../report/task-output-publisher.js';

/**
 * Tells patch-store every few seconds that this daemon lives, how much room it has, what it runs, what is not
 * stored yet, and what it cannot capture.
 */
export class DaemonHeartbeats {
  private readonly startedAt = new Date();
  private readonly agentVersion = patchpointVersion();
  private timer: NodeJS.Timeout | undefined;
  private saidUnconfirmed = false;

  constructor(
    private readonly daemonId: string,
    private readonly config: AgentConfig,
    private readonly registry: TaskRegistry,
    private readonly spool: Pick<Spool, 'pending'>,
    private readonly send: Send,
  ) {}

  start(): void {
    this.beat();
    this.timer = setInterval(() => this.beat(), this.config.signOfLifeSeconds * 1000);
  }

  /** Sends one now: the daemon's tasks changed, or NATS is reachable again. */
  beat(): void {
    const now = new Date();
    const unconfirmedCaptures = countUnconfirmed(this.spool.pending(), now);
    const heartbeat = compose(DaemonHeartbeat, {
      eventId: uuidv7(),
      daemonId: this.daemonId,
      pool: this.config.pool,
      hostname: this.config.hostname,
      agentVersion: this.agentVersion,
      maxTasks: this.config.maxTasks,
      tasks: this.registry.active().map(({ spawn }) => ({ taskId: spawn.taskId, attempt: spawn.attempt })),
      unconfirmedCaptures,
      failingCaptures: failingCaptures(this.registry.all(), now),
      startedAt: this.startedAt.toISOString(),
    });
    this.send(subjects.heartbeat(this.config.pool, this.daemonId), encode(heartbeat));
    this.saidUnconfirmed = unconfirmedCaptures.length > 0;
  }

  /**
   * A checkpoint has left the spool. If it was the last one, a heartbeat is sent at once, so that patch-store
   * no longer shows unconfirmed captures.
   */
  settled(): void {
    if (this.saidUnconfirmed && this.spool.pending().length === 0) this.beat();
  }

  /** Sends a last heartbeat: it is what patch-store will show of this daemon. May be called twice. */
  stop(): void {
    if (this.timer !== undefined) this.beat();
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
