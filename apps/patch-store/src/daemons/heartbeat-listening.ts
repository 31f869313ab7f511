import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Database, noteListening } from '#database';
import { NatsClient } from '#messaging';

const NOTE_INTERVAL_MILLISECONDS = 5_000;

/**
 * Records the times in which heartbeats could be received, so that no daemon is considered dead because
 * patch-store, NATS or Postgres was unreachable.
 */
@Injectable()
export class HeartbeatListening implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(HeartbeatListening.name);
  private timer: NodeJS.Timeout | undefined;
  private isNoting = true;
  private noting: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly nats: NatsClient,
  ) {}

  onApplicationBootstrap(): void {
    const note = () => (this.noting = this.note());
    void note();
    this.timer = setInterval(note, NOTE_INTERVAL_MILLISECONDS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.noting;
  }

  private async note(): Promise<void> {
    if (!this.nats.isConnected()) return;
    try {
      await noteListening(this.database.manager);
      this.isNoting = true;
    } catch (error) {
      if (this.isNoting)
        this.logger.warn(`Cannot record that heartbeats are received: ${(error as Error).message}`);
      this.isNoting = false;
    }
  }
}
