import { Module, type DynamicModule } from '@nestjs/common';
import { DaemonRegistry, TASKS_OPTIONS, type TasksOptions } from './daemon-registry.js';
import { ResumeDueTask } from './resume-due-task.js';
import { ResumeTask } from './resume-task.js';
import { TaskSteps } from './task-steps.js';

/** Decides about tasks in the app. Needs DatabaseModule and OutboxModule, which are global. */
@Module({})
export class TasksModule {
  static forRoot(options: TasksOptions): DynamicModule {
    return {
      module: TasksModule,
      global: true,
      providers: [
        { provide: TASKS_OPTIONS, useValue: options },
        DaemonRegistry,
        TaskSteps,
        ResumeTask,
        ResumeDueTask,
      ],
      exports: [DaemonRegistry, TaskSteps, ResumeTask, ResumeDueTask],
    };
  }
}
