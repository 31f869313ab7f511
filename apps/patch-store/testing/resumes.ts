import { expect } from '@jest/globals';
import type { SpawnTask } from '#contracts';
import { eventually } from '#testing';
import type { RunningPatchStore } from './running-patch-store.js';

/** What tests of resumes do and look at. */
export function resumesOf(store: RunningPatchStore) {
  /** The newest SpawnTask of a task. */
  function spawnOf(taskId: string, attempt: number): Promise<SpawnTask & { subject: string }> {
    return eventually(async () => {
      const spawns = await store.messages<SpawnTask>('COMMANDS', 'spawn-task');
      const spawn = spawns.find((spawn) => spawn.taskId === taskId && spawn.attempt === attempt);
      expect(spawn).toBeDefined();
      return spawn!;
    });
  }

  async function failedTask(fields: Record<string, unknown> = {}): Promise<string> {
    const taskId = await store.createTask(fields);
    await store.claim(taskId, 'daemon-1');
    await store.database.manager.query(`UPDATE tasks SET state = 'failed', ended_at = now() WHERE id = $1`, [
      taskId,
    ]);
    return taskId;
  }

  const resume = (taskId: string, body: object = {}) => store.post(`/v1/tasks/${taskId}/resume`, body);

  return { spawnOf, failedTask, resume };
}
