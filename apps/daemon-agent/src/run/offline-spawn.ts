import { v7 as uuidv7 } from 'uuid';
import { compose, SpawnTask, WATCH_RUNNER, type OfflineTask } from '#contracts';

/** The order that patch-store will give for a task once it has it; never sent. */
export function offlineSpawn({ taskId, name, repoUrl, plan }: OfflineTask, attempt: number): SpawnTask {
  return compose(SpawnTask, {
    eventId: uuidv7(),
    taskId,
    attempt,
    taskName: name,
    plan,
    runner: WATCH_RUNNER,
    repoUrl,
    isSupervisor: false,
    resumeSession: attempt > 1,
  });
}
