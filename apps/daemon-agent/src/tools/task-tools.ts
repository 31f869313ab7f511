import { join } from 'node:path';
import {
  CheckpointToolInput,
  decodeValue,
  ListCheckpointsToolInput,
  RestorePathsToolInput,
  ShowCheckpointToolInput,
  type AgentToolName,
  type CheckpointToRestore,
  type ListedCheckpoint,
  type SpawnTask,
} from '#contracts';
import { listTreeFiles, previewRestore, restorePaths, type ProofRequest } from '#git';
import type { CaptureOutcome } from '../capture/capture-checkpoint.js';
import type { CaptureOrder } from '../capture/capture-order.js';
import type { RestoreCheckpointDependencies } from '../restore/prepare-worktree.js';
import { withCheckpoint } from '../restore/with-checkpoint.js';
import { placeOver } from './place-over.js';
import { requireKept } from './require-kept.js';

/** Most files that are listed of one checkpoint. */
const LISTED_FILES = 500;

export interface ToolDependencies extends RestoreCheckpointDependencies {
  findCheckpoint: (
    spawn: SpawnTask,
    wanted: { onlyNumber: number },
  ) => Promise<CheckpointToRestore | undefined>;
  listCheckpoints: (
    spawn: SpawnTask,
    page: { beforeNumber: number | undefined; limit: number },
  ) => Promise<ListedCheckpoint[]>;
}

/** What the tools of one task work on. */
export interface ToolScene {
  spawn: SpawnTask;
  worktreeDir: string;
  capture: (order: CaptureOrder) => Promise<CaptureOutcome>;
  /** Of the newest capture; undefined: there is none. */
  capturedTreeSha: () => string | undefined;
  /** What happened to the worktree before this start. */
  brief: () => string;
}

/** What an agent may ask of its daemon while it runs: of its own task, and of no other. */
export class TaskTools {
  constructor(
    private readonly scene: ToolScene,
    private readonly deps: ToolDependencies,
  ) {}

  /**
   * @returns what the agent is answered, as JSON or text
   * @throws Error whose message is for the agent
   */
  async call(name: AgentToolName, input: unknown): Promise<unknown> {
    switch (name) {
      case 'checkpoint':
        return this.checkpoint(decodeValue(CheckpointToolInput, input));
      case 'list_checkpoints': {
        const { before: beforeNumber, limit } = decodeValue(ListCheckpointsToolInput, input);
        return { checkpoints: await this.deps.listCheckpoints(this.scene.spawn, { beforeNumber, limit }) };
      }
      case 'show_checkpoint':
        return this.show(decodeValue(ShowCheckpointToolInput, input));
      case 'restore_paths':
        return this.restore(decodeValue(RestorePathsToolInput, input));
      case 'recovery_brief':
        return this.scene.brief();
    }
  }

  private async checkpoint({ message = 'Asked for by the agent' }: CheckpointToolInput): Promise<unknown> {
    const outcome = await this.scene.capture({ kind: 'manual', message });
    if (outcome === 'spooled') return { taken: true, message };
    return { taken: false, reason: 'Nothing has changed since the last checkpoint, or it failed.' };
  }

  private async show({ number }: ShowCheckpointToolInput): Promise<unknown> {
    const checkpoint = await this.find(number);
    const files = await withCheckpoint(this.scene, checkpoint, this.deps, (request) =>
      previewRestore(request),
    );
    return {
      number,
      message: checkpoint.checkpointMessage,
      ageSeconds: checkpoint.checkpointAgeSeconds,
      treeSha: checkpoint.patchTreeSha,
      filesCount: files.length,
      files: files.slice(0, LISTED_FILES),
      omissions: checkpoint.omissions ?? [],
    };
  }

  /** Over what is there now, which is in a checkpoint first; what is in none is not replaced. */
  private async restore({ number, paths }: RestorePathsToolInput): Promise<unknown> {
    const checkpoint = await this.find(number);
    await this.scene.capture({
      kind: 'before-command',
      message: `Before restoring from checkpoint ${number}`,
    });
    const restored = await withCheckpoint(
      this.scene,
      checkpoint,
      this.deps,
      async (request: ProofRequest) => {
        const { written } = await restorePaths({ ...request, paths, modes: checkpoint.modes ?? null });
        await requireKept(this.scene.worktreeDir, written, await this.keptFiles());
        for (const path of written) await placeOver(request.worktreeDir, this.scene.worktreeDir, path);
        return written;
      },
    );
    return { restored };
  }

  /** What the newest capture holds. */
  private async keptFiles(): Promise<ReadonlySet<string>> {
    const treeSha = this.scene.capturedTreeSha();
    if (treeSha === undefined) return new Set();
    return listTreeFiles(join(this.deps.folder.shadows, this.scene.spawn.taskId), treeSha);
  }

  private async find(number: number): Promise<CheckpointToRestore> {
    const checkpoint = await this.deps.findCheckpoint(this.scene.spawn, { onlyNumber: number });
    if (checkpoint !== undefined) return checkpoint;
    throw new Error(`There is no checkpoint ${number} that can be restored. See list_checkpoints.`);
  }
}
