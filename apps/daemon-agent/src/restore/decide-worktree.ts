import { hasPatchOrBundle, type SpawnTask } from '#contracts';

/**
 * Pure: how to make the worktree of an attempt. An existing one is reused only when it cannot be behind the
 * newest stored checkpoint: the task may have continued elsewhere since it left this machine.
 */
export function decideWorktree(
  spawn: SpawnTask,
  existing: { attempt: number } | undefined,
): 'reuse' | 'restore' | 'fresh' {
  if (!spawn.resumeSession) return 'fresh';
  const hasPatch = hasPatchOrBundle(spawn);
  if (existing && (!hasPatch || existing.attempt >= spawn.checkpointAttempt!)) return 'reuse';
  return hasPatch ? 'restore' : 'fresh';
}
