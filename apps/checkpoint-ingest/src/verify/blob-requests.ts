import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { BlobsMissing, compose, encode, subjects, type CheckpointCreated } from '#contracts';
import { NatsClient } from '#messaging';

/**
 * Asks a daemon for the missing chunks of a checkpoint. Best effort: without the request it sends them again
 * automatically, only later.
 */
@Injectable()
export class BlobRequests {
  constructor(private readonly nats: NatsClient) {}

  async ask({ daemonId, taskId, eventId }: CheckpointCreated): Promise<void> {
    if (!this.nats.isConnected()) return;
    const notice = compose(BlobsMissing, {
      eventId: uuidv7(),
      daemonId,
      taskId,
      checkpointEventId: eventId,
    });
    try {
      (await this.nats.connection()).publish(subjects.blobsMissing(daemonId, taskId), encode(notice));
    } catch {
      // The connection closed just now: the next delivery asks again.
    }
  }
}
