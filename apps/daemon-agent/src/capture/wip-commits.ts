import type { CheckpointKind } from '#contracts';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { commitWip, type SecretSettings } from '#git';
import type { AgentConfig } from '../agent.config.js';
import { selectionOf, type SelectionConfig } from './selection-of.js';
import { nameDiskFull } from '../state/disk-full-error.js';
import type { TaskRecord } from '../state/task-record.js';

/** Pure: whether a WIP commit is made too. The others come as often as an agent likes. */
export function comesWithCommit(kind: CheckpointKind): boolean {
  return kind === 'heartbeat' || kind === 'manual' || kind === 'final';
}

/** Author of WIP commits where git has none configured. */
const WIP_IDENTITY = { name: 'Patchpoint', email: 'patchpoint@localhost' };

/** Commits a task's changes to its branch (`heartbeatCommit`), and pushes them (`heartbeatPush`). */
export class WipCommits {
  private readonly logger = new Logger(WipCommits.name);

  /** Tasks whose last WIP commit failed, with the reason. */
  private readonly failing = new Map<string, string>();

  constructor(
    private readonly config: Pick<AgentConfig, 'heartbeatCommit' | 'heartbeatPush' | 'allowFileProtocol'> &
      SelectionConfig,
    /** Where the shadows of all tasks are. */
    private readonly shadows: string,
    private readonly secrets: SecretSettings,
  ) {}

  /** Never throws. A failure is logged once per reason, since the next captures usually meet the same one. */
  async tryCommit(record: TaskRecord, message: string): Promise<void> {
    const { taskId } = record.spawn;
    try {
      await this.commit(record, message);
    } catch (error) {
      return this.failed(taskId, error as Error);
    }
    if (this.failing.delete(taskId)) this.logger.log({ msg: 'WIP commits work again', taskId });
  }

  /**
   * @throws GitError or DiskFullError when there are changes that cannot be committed; a failed push is not
   *   an error
   */
  async commit(record: TaskRecord, message: string): Promise<void> {
    if (!this.config.heartbeatCommit) return;
    const worktreeDir = record.worktreeDir!;
    const result = await commitWip({
      worktreeDir,
      gitDir: record.gitDir,
      message,
      push: this.config.heartbeatPush,
      selection: selectionOf(this.config, this.secrets, {
        shadowDir: join(this.shadows, record.spawn.taskId),
        baseBranch: record.spawn.baseBranch,
      }),
      identity: WIP_IDENTITY,
      allowFileProtocol: this.config.allowFileProtocol,
    }).catch((error: unknown) => {
      throw nameDiskFull(worktreeDir, error);
    });
    if (result.outcome === 'committed' && result.pushError !== undefined) {
      this.logger.debug({
        msg: 'the WIP commit was not pushed; the patch does not need it',
        taskId: record.spawn.taskId,
        reason: result.pushError,
      });
    }
  }

  private failed(taskId: string, error: Error & { code?: string }): void {
    const kind = error.code ?? error.message;
    if (this.failing.get(taskId) === kind) return;
    this.failing.set(taskId, kind);
    this.logger.warn({ msg: 'the WIP commit failed; the capture continues', taskId, err: error });
  }
}
