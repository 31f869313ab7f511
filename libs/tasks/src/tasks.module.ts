import { Module, type DynamicModule } from '@nestjs/common';
import { DaemonRegistry, TASKS_OPTIONS, type TasksOptions } from './perform/daemon-registry.js';
import { ResumeDueTask } from './perform/resume-due-task.js';
import { ResumeTask } from './perform/resume-task.js';
import { TaskSteps } from './perform/task-steps.js';

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
