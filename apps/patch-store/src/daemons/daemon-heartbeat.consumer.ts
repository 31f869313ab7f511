import { Controller, Logger } from '@nestjs/common';
import { DaemonHeartbeat, decode, requireIdentity, subjects } from '#contracts';
import { Database, upsertDaemon } from '#database';
import { Subscribe, type ReceivedMessage } from '#messaging';
import { DaemonRegistry } from '#tasks';
import { AnswerHeartbeat } from './answer-heartbeat.js';
import { NoteCaptureHealth } from './note-capture-health.js';

/** Keeps the registry of daemons up to date from their heartbeats. */
@Controller()
export class DaemonHeartbeatConsumer {
  private readonly logger = new Logger(DaemonHeartbeatConsumer.name);

  constructor(
    private readonly database: Database,
    private readonly daemons: DaemonRegistry,
    private readonly answer: AnswerHeartbeat,
    private readonly captureHealth: NoteCaptureHealth,
  ) {}

  /** A heartbeat that is lost, here or in transit, is harmless: the next one contains the same. */
  @Subscribe(subjects.heartbeat('*', '*'))
  async hear(message: ReceivedMessage): Promise<void> {
    const heartbeat = decode(DaemonHeartbeat, message.data);
    requireIdentity(message.subject, heartbeat);
    await this.note(heartbeat);
  }

  /**
   * A subject without a pool proves none: such a daemon stays in the pool that it is known in, and one that
   * is not known is not heard.
   */
  @Subscribe(subjects.heartbeatWithoutPool('*'))
  async hearOlder(message: ReceivedMessage): Promise<void> {
    const heartbeat = decode(DaemonHeartbeat, message.data);
    requireIdentity(message.subject, heartbeat);
    const known = await this.daemons.find(this.database.manager, heartbeat.daemonId);
    if (known?.pool === heartbeat.pool) await this.note(heartbeat);
  }

  private async note(heartbeat: DaemonHeartbeat): Promise<void> {
    const { isNew } = await upsertDaemon(this.database.manager, heartbeat);
    if (isNew) {
      const { daemonId, pool, hostname } = heartbeat;
      this.logger.log({ msg: 'a new daemon', daemonId, pool, hostname });
    }
    await this.captureHealth.note(heartbeat);
    await this.answer.answer(heartbeat);
  }
}
