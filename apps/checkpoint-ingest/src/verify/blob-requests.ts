import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { BlobsMissing, compose, encode, subjects, type CheckpointCreated } from '#contracts';
import { CorePublisher } from '#messaging';

/**
 * Asks a daemon for the missing chunks of a checkpoint. Best effort: without the request it sends them again
 * automatically, only later.
 */
@Injectable()
export class BlobRequests {
  constructor(private readonly publisher: CorePublisher) {}

  ask({ daemonId, taskId, eventId }: CheckpointCreated): void {
    const notice = compose(BlobsMissing, {
      eventId: uuidv7(),
      daemonId,
      taskId,
      checkpointEventId: eventId,
    });
    this.publisher.publish(subjects.blobsMissing(daemonId, taskId), encode(notice));
  }
}
