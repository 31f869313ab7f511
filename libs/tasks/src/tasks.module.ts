import { Global, Module } from '@nestjs/common';
import { ResumeTask } from './resume-task.js';
import { TaskSteps } from './task-steps.js';

/** Decides about tasks in the app. Needs DatabaseModule and OutboxModule, which are global. */
@Global()
@Module({ providers: [TaskSteps, ResumeTask], exports: [TaskSteps, ResumeTask] })
export class TasksModule {}
