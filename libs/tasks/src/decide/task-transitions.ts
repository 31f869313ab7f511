import { onClaimed } from './on-claim.js';
import { onDaemonBack, onDaemonLost, onResumeDue, onUnclaimed } from './on-loss.js';
import { onReported } from './on-report.js';
import { onSpawnRequested, onStopRequested } from './on-request.js';
import type { TaskDecision } from './task-decision.js';
import type { TaskInput, TaskSnapshot } from './task-input.js';

/**
 * Decides the next state of a task. Pure: the caller holds the task's row lock, writes the changes and
 * performs the actions in one transaction, so that inputs to several replicas are decided one after another.
 *
 * Inputs arrive at least once, and possibly late. A repeated input, and a report of an older attempt by its
 * holder, change nothing; an input that can never be valid (for another daemon's attempt, or one that was
 * never spawned) is refused.
 */
export function nextTaskState(task: TaskSnapshot, input: TaskInput): TaskDecision {
  switch (input.type) {
    case 'spawn-requested':
      return onSpawnRequested(task, input);
    case 'claimed':
      return onClaimed(task, input);
    case 'reported':
      return onReported(task, input);
    case 'stop-requested':
      return onStopRequested(task, input);
    case 'daemon-lost':
      return onDaemonLost(task, input);
    case 'daemon-back':
      return onDaemonBack(task, input);
    case 'resume-due':
      return onResumeDue(task, input.plan);
    case 'unclaimed':
      return onUnclaimed(task);
  }
}
