import { join } from 'node:path';
import { expect } from '@jest/globals';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import type { CheckpointView } from '#contracts';
import type { StackOptions } from '#embedded';
import { computeTreeSha } from '#git';
import { eventually, temporaryFolder } from '#testing';
import type { TaskFeed } from './task-feed.js';
import { useDrivenStack, type Driver, type TaskOfTest } from './use-driven-stack.js';

/** A shell script that works, says so, and waits; resumed, it says what it finds and ends. */
export function plan(work: string, resumed = 'true'): string {
  return `set -eu
if [ "$PATCHPOINT_RESUMED" = true ]; then
  ${resumed}
  echo "resumed attempt $PATCHPOINT_ATTEMPT"
  exit 0
fi
${work}
echo 'work done'
while :; do sleep 0.2; done
`;
}

/** Work on a `sourceRepository()`: a change, a deletion, bytes, a mode and a link. */
export const EDITS = `echo 'an uncommitted line' >> README.md
rm delete-me.txt
head -c 3000 /dev/urandom > image.bin
printf '#!/bin/sh\\r\\n' > run.sh && chmod +x run.sh
ln -s README.md link`;

export const treeOf = (worktreeDir: string): Promise<string> =>
  computeTreeSha({ worktreeDir, shadowDir: join(temporaryFolder(), 'shadow') });

/** A task whose work is done and stored. */
interface Worked {
  taskId: string;
  feed: TaskFeed;
  /** The newest one; it holds all of the work. */
  checkpoint: CheckpointView;
  worktreePath: string;
}

/**
 * A running Patchpoint with two daemons that capture every second, and `work`, which brings a task to where
 * its work is stored. Call it at the top level of a spec file or describe block.
 */
export function useWork(environment: StackOptions['environment'] = {}): {
  test: Driver;
  work: (task: Omit<TaskOfTest, 'id'>) => Promise<Worked>;
} {
  const test = useDrivenStack({
    ingestReplicas: 2,
    daemonIds: ['daemon-1', 'daemon-2'],
    environment: {
      ...environment,
      'daemon-agent': {
        PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
        PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true',
        PATCHPOINT_MAX_PATCH_SIZE_BYTES: '1500000',
        PATCHPOINT_MAX_TASKS: '20',
      },
    },
  });

  /**
   * Starts a task on daemon-1, and resolves when the last checkpoint of its finished work is stored: no
   * heartbeat makes another. One that began in the middle of the work has committed half of it and may have
   * captured all of it; the next one commits the rest, and captures the same files with another HEAD.
   */
  async function work(task: Omit<TaskOfTest, 'id'>): Promise<Worked> {
    const run = await test.run({ id: uuidv7(), daemonId: 'daemon-1', ...task });
    await run.feed.untilSaid('work done');
    const { worktreePath } = await test.untilState(run.taskId, 'running');
    const cwd = worktreePath!;
    const treeSha = await treeOf(cwd);
    const checkpoint = await eventually(
      async () => {
        const head = execaSync('git', ['rev-parse', 'HEAD', 'HEAD^{tree}'], { cwd, reject: false }).stdout;
        const [newest] = await test.patchStore.checkpoints(run.taskId);
        expect(newest).toMatchObject({ treeSha });
        expect(head).toBe(`${newest!.commitSha}\n${treeSha}`);
        return newest!;
      },
      { timeoutMs: 60_000, intervalMs: 50 },
    );
    return { ...run, checkpoint, worktreePath: cwd };
  }
  return { test, work };
}
