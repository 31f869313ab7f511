import { v7 as uuidv7 } from 'uuid';
import { compose, encode, subjects, TaskOutput, type OutputStream } from '#contracts';
import type { Notify } from './notify-parent.js';

/** The task and attempt that the output belongs to. */
export interface TaskAttempt {
  taskId: string;
  attempt: number;
}

/** Sends bytes if NATS is reachable, and drops them if it is not. */
export type Send = (subject: string, bytes: Uint8Array) => void;

/**
 * Publishes what agents print and what Patchpoint does to their worktrees. Best effort: output never delays a
 * task, and output is lost while NATS is unreachable.
 */
export class TaskOutputPublisher {
  private readonly sequences = new Map<string, number>();

  constructor(
    private readonly daemonId: string,
    private readonly send: Send,
    private readonly notify: Notify,
  ) {}

  /** One line from Patchpoint itself. */
  say(task: TaskAttempt, line: string): void {
    this.publish(task, 'system', `${line}\n`);
    this.notify({ type: 'said', line });
  }

  publish(task: TaskAttempt, stream: OutputStream, text: string): void {
    const key = `${task.taskId}/${task.attempt}`;
    const outputSequence = (this.sequences.get(key) ?? 0) + 1;
    this.sequences.set(key, outputSequence);
    const output = compose(TaskOutput, {
      eventId: uuidv7(),
      daemonId: this.daemonId,
      taskId: task.taskId,
      attempt: task.attempt,
      stream,
      text,
      outputSequence,
      at: new Date().toISOString(),
    });
    this.send(subjects.output(this.daemonId, task.taskId), encode(output));
  }

  /** The attempt has ended and produces no more output. */
  forget(task: TaskAttempt): void {
    this.sequences.delete(`${task.taskId}/${task.attempt}`);
  }
}
