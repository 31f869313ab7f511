import { Injectable } from '@nestjs/common';

/** What this example reads of the event; docs/asyncapi.yaml has all of it. */
export interface CheckpointStored {
  taskId: string;
  checkpointNumber: number;
  message: string;
  filesChanged?: number;
}

/** Stands for what your service does. */
@Injectable()
export class Reviewers {
  private readonly done = new Set<string>();

  /**
   * Does its work once per event id, though an event may come again: after a restart, and when an
   * acknowledgment got lost. A service with a database of its own writes the id there, under a unique
   * constraint, in the transaction of its work.
   */
  async tell(eventId: string, event: CheckpointStored): Promise<void> {
    if (this.done.has(eventId)) return;
    const { taskId, checkpointNumber, message, filesChanged = 0 } = event;
    console.log(`task ${taskId}, checkpoint ${checkpointNumber}: ${message} (${filesChanged} files)`);
    this.done.add(eventId);
  }
}
