export { isHolderAlive } from './is-holder-alive.js';
export { ResumeTask, type ResumeRequest } from './resume-task.js';
export * from './spawn-command.js';
export * from './task-messages.js';
export { taskNotFound } from './task-not-found.js';
export { TaskSteps, type TaskStep } from './task-steps.js';
export * from './task-transitions.js';
export { TasksModule } from './tasks.module.js';
