import { Counter } from 'prom-client';

export const tasksResumed = new Counter({
  name: 'patchpoint_tasks_resumed_total',
  help: 'Tasks spawned again',
  labelNames: ['patch', 'by'],
});
