import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { execa, type ResultPromise } from 'execa';
import { Client } from 'pg';
import { packageFolder } from '#runtime';
import { eventually } from '#testing';
import { useConfinedStack } from './testing/use-confined-stack.js';

const examples = join(packageFolder(), 'examples');

describe('a NATS server with an account for each daemon', () => {
  const stack = useConfinedStack();

  function asDashboard(): { env: Record<string, string> } {
    return {
      env: { NATS_SERVER: new URL(stack.nats.url).host, NATS_USER: 'dashboard', NATS_PASSWORD: 'pw' },
    };
  }

  let taskId: string;

  it('lets services and a daemon do their whole job', async () => {
    taskId = await stack.runTask({ daemonId: 'worker-1' });
    const [checkpoint] = await stack.patchStore.checkpoints(taskId);
    expect(checkpoint).toMatchObject({ kind: 'final', filesChanged: 2 });
    await stack.runTask({ pool: 'default' });
    for (const { logFile } of stack.apps) {
      expect(readFileSync(logFile, 'utf8')).not.toMatch(/ermissions Violation/i);
    }
  });

  describe('and the examples', () => {
    let listener: ResultPromise<{ reject: false }> | undefined;
    afterAll(() => void listener?.kill());

    it('tell a service of each checkpoint, and end when it is stopped', async () => {
      const program = join(packageFolder(), 'dist/examples/checkpoint-listener/main.js');
      let said = '';
      listener = execa('node', [program], { ...asDashboard(), reject: false });
      listener.stdout!.on('data', (data) => (said += String(data)));
      await eventually(() => expect(said).toContain(`task ${taskId}, checkpoint 1: `), { timeoutMs: 60_000 });
      listener.kill('SIGTERM');
      expect((await listener).stderr).toBe('');
    });

    it('replay the events of a day', async () => {
      const program = join(examples, 'replay-events.mjs');
      // Each is published a little after what it tells of has happened.
      await eventually(async () => {
        const all = await execa('node', [program], asDashboard());
        const ofTask = all.stdout.split('\n').filter((line) => line.includes(taskId));
        expect(ofTask.map((line) => line.split(' ')[1])).toEqual([
          'patchpoint.v1.task-spawning',
          'patchpoint.v1.task-started',
          expect.stringMatching(/checkpoint-stored|task-completed/),
          expect.stringMatching(/checkpoint-stored|task-completed/),
        ]);
        const one = await execa('node', [program, '1', 'task-completed'], asDashboard());
        expect(one.stdout.split('\n')).toHaveLength(2);
      });
      expect((await execa('node', [program, '1', 'task-lost'], asDashboard())).stdout).toBe('');
    });

    it('ask the database', async () => {
      const queries = readFileSync(join(examples, 'cookbook.sql'), 'utf8')
        .split(/;\n/)
        .filter((q) => q.trim());
      const client = new Client({ connectionString: stack.databaseUrl() });
      await client.connect();
      try {
        const answers: Record<string, unknown>[][] = [];
        for (const query of queries) answers.push((await client.query(query)).rows);
        expect(answers).toHaveLength(8);
        expect(answers[1]!.map((row) => row['task_id'])).toContain(taskId);
        expect(answers[6]).toMatchObject([{ id: 'worker-1' }]);
      } finally {
        await client.end();
      }
    });
  });
});
