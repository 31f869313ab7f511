/**
 * State changes of tasks, decided in one place and performed in one transaction.
 *
 *   perform: lock the task → nextTaskState(task, input) → write the changes → announce, spawn, stop
 *   decide:  pure; standing() is the fence: may this daemon speak for this attempt?
 *
 * Inputs may arrive twice and late: a repeated one changes nothing, an invalid one is refused with a code.
 */
export { DaemonRegistry, type TasksOptions } from './perform/daemon-registry.js';
export { planResume, type ResumeFacts, type ResumePlan } from './decide/plan-resume.js';
export { chooseCheckpoint, type ChosenCheckpoint } from './perform/choose-checkpoint.js';
export { ResumeDueTask } from './perform/resume-due-task.js';
export { ResumeTask, type ResumeRequest } from './perform/resume-task.js';
export * from './messages/checkpoint-to-restore.js';
export { forkedFrom } from './messages/forked-from.js';
export { readSpawnCheckpoint } from './messages/spawn-checkpoint.js';
export * from './messages/spawn-command.js';
export * from './messages/task-messages.js';
export { taskNotFound } from './perform/task-not-found.js';
export { findFormerHolder } from './perform/former-holder.js';
export { requireHolder } from './perform/require-holder.js';
export { refuseSpeaker, standing, type Fence, type Speaker, type Standing } from './decide/standing.js';
export { refusalError, type TaskRefusal } from './decide/task-decision.js';
export { TaskSteps, type TaskStep } from './perform/task-steps.js';
export { TasksModule } from './tasks.module.js';
export { refuseWatchedFork, watchedTaskColumns } from './decide/watched-task.js';
