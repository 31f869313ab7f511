import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { compose, encode, hasPatchOrBundle, subjects, TaskOutput, type CheckpointCreated } from '#contracts';
import { CorePublisher } from '#messaging';

/**
 * Shows in a task's output what happened to its checkpoints. Best effort: the line is for people who watch;
 * the event itself goes through the outbox.
 */
@Injectable()
export class TaskOutputLines {
  constructor(private readonly publisher: CorePublisher) {}

  stored(event: CheckpointCreated, number: number): void {
    this.say(event, number, storedLine(event, number));
  }

  failed(event: CheckpointCreated): void {
    this.say(event, event.sequence, `✗ Checkpoint failed: ${event.error}\n`);
  }

  private say(event: CheckpointCreated, outputSequence: number, text: string): void {
    const { daemonId, taskId, attempt } = event;
    const output = compose(TaskOutput, {
      eventId: uuidv7(),
      daemonId,
      taskId,
      attempt,
      stream: 'system',
      text,
      outputSequence,
      at: new Date().toISOString(),
    });
    this.publisher.publish(subjects.output(daemonId, taskId), encode(output));
  }
}

/** `✓ Checkpoint #3: before the refactoring (2 files, +10 -4)` */
export function storedLine(event: CheckpointCreated, number: number): string {
  const { message, filesChanged: files = 0, linesAdded = 0, linesRemoved = 0 } = event;
  const change = `${files} ${files === 1 ? 'file' : 'files'}, +${linesAdded} -${linesRemoved}`;
  const [firstLine] = message.split('\n', 1);
  return `✓ Checkpoint #${number}: ${firstLine} (${change})${notRestorable(event)}\n`;
}

function notRestorable(event: CheckpointCreated): string {
  if (hasPatchOrBundle(event)) return '';
  switch (event.patchAbsentReason) {
    case 'too-large':
      return ' – not restorable: the patch is over the size limit';
    case 'disabled':
      return ' – not restorable: patches are switched off';
    default:
      return ' – not restorable: it came without a patch';
  }
}
