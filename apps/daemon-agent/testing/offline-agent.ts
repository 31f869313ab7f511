import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { compose, decode, SpawnTask, TaskOutput, TaskReported, type CheckpointToRestore } from '#contracts';
import { captureWorktree } from '#git';
import { eventually, temporaryFolder } from '#testing';
import { readAgentConfig } from '../src/agent.config.js';
import { DaemonAgent } from '../src/daemon-agent.js';
import type { AgentTransport } from '../src/daemon-parts.js';
import { pause } from '../src/state/pause.js';

/** For parts of the transport that a test does not use. */
const unused = (): never => {
  throw new Error('This test does not need it.');
};

/**
 * An agent on a real disk with real processes, connected to the test instead of NATS. Checkpoints stay in the
 * spool until the test confirms them.
 */
export class OfflineAgent {
  private constructor(
    readonly stateDir: string,
    readonly agent: DaemonAgent,
    readonly reports: TaskReported[],
    readonly said: string[],
  ) {}

  static async open(
    options: {
      stateDir?: string;
      environment?: NodeJS.ProcessEnv;
      transport?: Partial<AgentTransport>;
      /** Hears of every message of the daemon. */
      onPublished?: (subject: string, bytes: Uint8Array) => void;
    } = {},
  ): Promise<OfflineAgent> {
    const { stateDir = temporaryFolder(), environment, transport, onPublished } = options;
    const config = readAgentConfig({
      PATH: process.env['PATH'],
      PATCHPOINT_STATE_DIR: stateDir,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0',
      PATCHPOINT_STOP_GRACE_SECONDS: '60',
      ...environment,
    });
    const reports: TaskReported[] = [];
    const said: string[] = [];
    const agent = await DaemonAgent.open(config, 'daemon-1', {
      publish: async (subject, bytes) => {
        onPublished?.(subject, bytes);
        if (subject.includes('.task.reported.')) reports.push(decode(TaskReported, bytes));
      },
      putBlob: async () => undefined,
      send: (subject, bytes) => {
        onPublished?.(subject, bytes);
        if (subject.includes('.output.')) said.push(decode(TaskOutput, bytes).text);
      },
      spawns: {
        next: async (_consumer, { signal }) => {
          await pause(60_000, signal);
          return null;
        },
      },
      claim: async () => undefined,
      readSlice: unused,
      readConversation: unused,
      findCheckpoint: unused,
      listCheckpoints: unused,
      ...transport,
    });
    return new OfflineAgent(stateDir, agent, reports, said);
  }

  /** Starts an attempt, and resolves when its agent runs. */
  async run(spawn: SpawnTask): Promise<string> {
    await this.agent.runs.start(spawn);
    return this.untilReported('started', spawn.attempt).then(({ worktreePath }) => worktreePath!);
  }

  untilReported(report: TaskReported['report'], attempt = 1): Promise<TaskReported> {
    return eventually(() => {
      const found = this.reports.find((each) => each.report === report && each.attempt === attempt);
      expect(this.reports.map((each) => `${each.report} ${each.attempt}`)).toContain(`${report} ${attempt}`);
      return found!;
    });
  }

  async confirmAll(): Promise<void> {
    for (const entry of this.agent.spool.pending()) await this.agent.spool.confirm(entry.eventId, entry);
  }

  /** Ends everything without waiting for confirmations. */
  async close(): Promise<void> {
    await this.agent.runs.releaseAll('the test is over', 0);
    await this.confirmAll();
    await this.agent.stopIntake();
    await this.agent.finish();
  }
}

/** Works until it is stopped. */
export const WAIT = 'while :; do sleep 0.05; done';

export function aSpawn(fields: Partial<SpawnTask> = {}): SpawnTask {
  return compose(SpawnTask, {
    eventId: uuidv7(),
    taskId: uuidv7(),
    attempt: 1,
    taskName: 'example',
    plan: `echo work > work.txt\n${WAIT}`,
    runner: 'shell',
    repoUrl: 'new://example',
    isSupervisor: false,
    resumeSession: false,
    ...fields,
  });
}

/** A checkpoint of a repository without a remote that holds one file. */
export async function aCheckpoint(number: number, content: string): Promise<CheckpointToRestore> {
  const worktreeDir = join(temporaryFolder(), 'source');
  await mkdir(worktreeDir);
  execaSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: worktreeDir });
  await writeFile(join(worktreeDir, 'work.txt'), content);
  const capture = await captureWorktree({
    worktreeDir,
    shadowDir: join(temporaryFolder(), 'shadow'),
    anchorRef: 'refs/patchpoint/test',
    makePatch: true,
    maxPatchBytes: 1_000_000,
    bundle: 'never',
  });
  if (capture.outcome !== 'captured' || capture.patch === null) throw new Error('Nothing was captured.');
  const { patch } = capture;
  return {
    checkpointNumber: number,
    checkpointAttempt: 1,
    checkpointMessage: `checkpoint ${number}`,
    patchId: uuidv7(),
    patchFormat: 'git-diff',
    patchData: patch.data.toString('base64'),
    patchBaseSha: capture.baseSha,
    patchTreeSha: capture.treeSha,
    patchSha256: patch.sha256,
    patchSizeBytes: patch.sizeBytes,
    patchUncompressedSizeBytes: patch.uncompressedSizeBytes,
    patchFilesCount: patch.filesCount,
  };
}

/** Whether a process of that id runs. */
export function runs(pid: number): boolean {
  return (
    existsSync(`/proc/${pid}/stat`) &&
    !execaSync('cat', [`/proc/${pid}/stat`], { reject: false }).stdout.includes(') Z ')
  );
}
