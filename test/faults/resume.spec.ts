import { describe, expect } from '@jest/globals';
import { eventually } from '#testing';
import { taskProcesses } from './random/task-processes.js';
import { fault } from '../testing/fault.js';
import { useAgent } from '../testing/use-agent.js';

/** Daemons say every 15 s that they live. */
const SILENCE_SECONDS = '25';

describe('a task that moves', () => {
  const agent = useAgent({
    'patch-store': { PATCHPOINT_DAEMON_TIMEOUT_SECONDS: SILENCE_SECONDS },
    janitor: { PATCHPOINT_DAEMON_TIMEOUT_SECONDS: SILENCE_SECONDS, PATCHPOINT_WATCH_INTERVAL_SECONDS: '1' },
  });

  /** The daemons whose agent process of the task lives, with its attempt. */
  const whereItRuns = (): string[] =>
    taskProcesses(`PATCHPOINT_TASK_ID=${agent.taskId}`).map(
      ({ daemonId, attempt }) => `${daemonId} attempt ${attempt}`,
    );

  fault(
    'F30',
    'a daemon that was only cut off comes back: its late checkpoints are superseded, its process is told to stop',
    async () => {
      const { driver, taskId } = agent;
      await agent.editUntilStored('before.txt');
      await driver.stack.startAgent('daemon-2', {
        PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
        PATCHPOINT_TASK_STOP_SECONDS: '1',
      });
      agent.network().refuse();
      const [late] = await agent.editUntilSpooled('late.txt', 1);
      await driver.patchStore.resumeTask(taskId, { daemonId: 'daemon-2', force: true });
      await eventually(() => expect(whereItRuns()).toContain('daemon-2 attempt 2'), { timeoutMs: 60_000 });

      agent.network().heal();
      await eventually(() => expect(whereItRuns()).toEqual(['daemon-2 attempt 2']), { timeoutMs: 60_000 });
      await agent.untilStored([late!]);
      const { rows } = await agent
        .postgres()
        .query<{ superseded: boolean }>('SELECT superseded FROM task_checkpoints WHERE event_id = $1', [
          late,
        ]);
      expect(rows).toEqual([{ superseded: true }]);
      expect(await driver.patchStore.task(taskId)).toMatchObject({
        state: 'running',
        attempt: 2,
        daemonId: 'daemon-2',
      });
    },
  );

  fault(
    'F29',
    'a daemon dies with a running task: missed, and the task is resumed elsewhere on its own',
    async () => {
      const { driver, taskId } = agent;
      const { attempt } = await driver.patchStore.task(taskId);
      await driver.stack.agent('daemon-2').kill();
      for (const { pid, daemonId } of taskProcesses(`PATCHPOINT_TASK_ID=${taskId}`)) {
        if (daemonId === 'daemon-2') process.kill(-pid, 'SIGKILL');
      }
      await eventually(() => expect(whereItRuns()).toEqual([`daemon-1 attempt ${attempt + 1}`]), {
        timeoutMs: 120_000,
        intervalMs: 250,
      });
      await eventually(async () =>
        expect(await driver.patchStore.task(taskId)).toMatchObject({
          state: 'running',
          daemonId: 'daemon-1',
        }),
      );
    },
    180_000,
  );
});
