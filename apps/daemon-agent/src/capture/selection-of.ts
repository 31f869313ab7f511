import type { SecretSettings, SelectionRequest } from '#git';
import type { AgentConfig } from '../agent.config.js';

export type SelectionConfig = Pick<
  AgentConfig,
  'excludeFile' | 'patches' | 'untrackedFileLimitBytes' | 'untrackedTotalLimitBytes'
>;

/** Pure: what of a worktree is captured, and so committed, as the operator has set it. */
export function selectionOf(
  config: SelectionConfig,
  secrets: SecretSettings | undefined,
  { shadowDir, baseBranch }: { shadowDir: string; baseBranch: string | undefined },
): SelectionRequest {
  const { excludeFile, untrackedFileLimitBytes, untrackedTotalLimitBytes } = config;
  return {
    shadowDir,
    baseBranch,
    makePatch: config.patches.enabled,
    maxPatchBytes: config.patches.maxSizeBytes,
    excludeFile,
    ...(secrets && { secrets }),
    untrackedFileLimitBytes,
    untrackedTotalLimitBytes,
  };
}
