import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { startNatsServer, type NatsServer } from '#embedded';
import { eventually } from '#testing';
import { sourceRepository } from './testing/source-repository.js';
import { useDrivenStack } from './testing/use-driven-stack.js';

const WORK_THEN_WAIT = `if [ "$PATCHPOINT_RESUMED" = true ]; then cat late.txt; exit 0; fi
echo 'work done'
while :; do sleep 0.2; done
`;

describe('a checkpoint that was captured while NATS was away', () => {
  const test = useDrivenStack({
    ingestReplicas: 1,
    daemonIds: ['daemon-1'],
    environment: {
      'daemon-agent': { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1', PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true' },
    },
  });
  let newNats: NatsServer | undefined;
  afterAll(() => newNats?.stop());

  const spooled = (): string[] =>
    readdirSync(join(test.stack.stateDirOf('daemon-1'), 'spool')).filter((name) =>
      name.endsWith('.checkpoint'),
    );

  it('F8 is stored once NATS is back, though the daemon was killed and NATS lost everything meanwhile', async () => {
    const { taskId, feed } = await test.run({
      id: uuidv7(),
      repoUrl: sourceRepository().url,
      plan: WORK_THEN_WAIT,
    });
    await feed.untilSaid('work done');
    const task = await test.untilState(taskId, 'running');
    const before = await test.untilCheckpoint(taskId, () => true);

    // The agent hears of the confirmation a little after the store has it: only then is what is spooled the
    // late file.
    await eventually(() => expect(spooled()).toEqual([]));

    const { port, dataDir } = test.stack.nats;
    await test.stack.nats.kill();
    writeFileSync(join(task.worktreePath!, 'late.txt'), 'written while NATS was away\n');
    await eventually(() => expect(spooled()).not.toEqual([]), { timeoutMs: 60_000 });
    await test.stack.agent('daemon-1').kill();
    rmSync(dataDir, { recursive: true });
    newNats = await startNatsServer({ dataDir, port });
    await test.stack.startAgent('daemon-1');

    const stored = await test.untilCheckpoint(
      taskId,
      ({ number, kind }) => number > before.number && kind === 'heartbeat',
    );
    expect(stored.attempt).toBe(1);
    await eventually(() => expect(spooled()).toEqual([]), { timeoutMs: 60_000 });
    // The daemon went on with its task after the restart, in the worktree as it was.
    await test.untilState(taskId, 'completed');
    const numbers = (await test.patchStore.checkpoints(taskId)).map(({ number }) => number);
    expect(numbers).toEqual(Array.from(numbers, (_, index) => numbers.length - index));
  });
});
