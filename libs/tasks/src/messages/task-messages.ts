import {
  CaptureHealthChanged,
  compose,
  ConversationRefused,
  isEnded,
  NO_DAEMON,
  StopTask,
  subjects,
  TaskEvent,
  WorktreeRestored,
  WorktreeRestoreFailed,
  type CaptureHealthKind,
  type TaskEventKind,
  type TaskReported,
  type TaskState,
} from '#contracts';
import type { OutboxMessage } from '#database';
import { forkedFrom } from './forked-from.js';

/** A message and where it goes. */
export interface AddressedMessage {
  subject: string;
  message: { eventId: string };
}

/** The fields of a task event about its task. */
export interface AnnouncedTask {
  id: string;
  attempt: number;
  state: TaskState;
  daemonId: string | null;
  exitCode: number | null;
  stateReason: string | null;
  capturesFailingSince: Date | null;
  forkedFromTaskId: string | null;
  forkedFromCheckpointNumber: number | null;
  /** When the row changed, by the database's clock. */
  updatedAt: Date;
}

/** @param checkpointNumber for task-spawning: the checkpoint that a resume restores */
export function taskEvent(
  eventId: string,
  task: AnnouncedTask,
  kind: TaskEventKind,
  checkpointNumber?: number,
): AddressedMessage {
  return {
    subject: subjects.event(task.daemonId ?? NO_DAEMON, task.id, kind),
    message: compose(TaskEvent, {
      eventId,
      kind,
      taskId: task.id,
      attempt: task.attempt,
      state: task.state,
      daemonId: task.daemonId ?? undefined,
      checkpointNumber,
      forkedFrom: kind === 'task-spawning' ? (forkedFrom(task) ?? undefined) : undefined,
      exitCode: task.exitCode ?? undefined,
      reason: task.stateReason ?? undefined,
      unsavedWork: hasUnsavedWork(task) || undefined,
      at: task.updatedAt.toISOString(),
    }),
  };
}

/** Of an ended attempt, whether its last state is in no checkpoint. */
export function hasUnsavedWork({
  state,
  capturesFailingSince,
}: Pick<AnnouncedTask, 'state' | 'capturesFailingSince'>): boolean {
  return isEnded(state) && capturesFailingSince !== null;
}

/** @param reason null for captures-recovered */
export function captureHealthChanged(
  eventId: string,
  task: { id: string; daemonId: string; attempt: number },
  kind: CaptureHealthKind,
  { failingSince, reason, at }: { failingSince: Date; reason: string | null; at: Date },
): AddressedMessage {
  return {
    subject: subjects.event(task.daemonId, task.id, kind),
    message: compose(CaptureHealthChanged, {
      eventId,
      kind,
      daemonId: task.daemonId,
      taskId: task.id,
      attempt: task.attempt,
      failingSince: failingSince.toISOString(),
      reason: reason ?? undefined,
      at: at.toISOString(),
    }),
  };
}

export function stopTask(
  eventId: string,
  stop: { taskId: string; daemonId: string; attempt: number; reason: string },
): AddressedMessage {
  return {
    subject: subjects.daemonCommand(stop.daemonId, 'stop-task'),
    message: compose(StopTask, { eventId, ...stop }),
  };
}

/**
 * Announces what a daemon reported as restored, under the report's id: a report that is delivered again makes
 * the same event.
 *
 * @throws ContractError `FIELD_INVALID` when the report lacks what a restore must prove
 */
export function worktreeRestored(report: TaskReported): AddressedMessage {
  return {
    subject: subjects.event(report.daemonId, report.taskId, 'worktree-restored'),
    message: compose(WorktreeRestored, {
      eventId: report.eventId,
      daemonId: report.daemonId,
      taskId: report.taskId,
      attempt: report.attempt,
      checkpointNumber: report.checkpointNumber as number,
      treeSha: report.treeSha as string,
      baseSha: report.baseSha as string,
      patchFilesCount: report.patchFilesCount as number,
      durationMilliseconds: report.durationMilliseconds as number,
      worktreePath: report.worktreePath as string,
      movedAsideTo: report.movedAsideTo,
      commitsCount: report.commitsCount,
      checkpointAgeSeconds: report.checkpointAgeSeconds,
      omissions: report.omissions,
      omissionsCount: report.omissionsCount,
      failedTries: report.failedTries,
      at: report.reportedAt,
    }),
  };
}

/**
 * Announces what a daemon could not restore, under the report's id, like {@link worktreeRestored}.
 *
 * @throws ContractError `FIELD_INVALID` when the report lacks the checkpoint or the reason
 */
export function worktreeRestoreFailed(report: TaskReported): AddressedMessage {
  return {
    subject: subjects.event(report.daemonId, report.taskId, 'worktree-restore-failed'),
    message: compose(WorktreeRestoreFailed, {
      eventId: report.eventId,
      daemonId: report.daemonId,
      taskId: report.taskId,
      attempt: report.attempt,
      checkpointNumber: report.checkpointNumber as number,
      reason: report.reason as string,
      at: report.reportedAt,
    }),
  };
}

/**
 * Announces that an agent starts over, under the report's id, like {@link worktreeRestored}.
 *
 * @throws ContractError `FIELD_INVALID` when the report lacks the reason
 */
export function conversationRefused(report: TaskReported): AddressedMessage {
  return {
    subject: subjects.event(report.daemonId, report.taskId, 'conversation-refused'),
    message: compose(ConversationRefused, {
      eventId: report.eventId,
      daemonId: report.daemonId,
      taskId: report.taskId,
      attempt: report.attempt,
      reason: report.reason as string,
      at: report.reportedAt,
    }),
  };
}

/** A message of a task, as the outbox takes it. */
export function outboxMessage(taskId: string, { subject, message }: AddressedMessage): OutboxMessage {
  return { taskId, subject, messageId: message.eventId, payload: message };
}
