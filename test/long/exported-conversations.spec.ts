import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { temporaryFolder } from '#testing';
import { runCli } from '../testing/use-cli.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';

const program = join(import.meta.dirname, '../testing/booking-agent.mjs');
const agent = (...words: string[]) => [process.execPath, program, ...words];

describe('a conversation that its program exports and imports', () => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const usual = temporaryFolder();
  writeFileSync(join(usual, 'login.json'), '{"token": "secret-of-a-person"}');
  const runnersFile = join(temporaryFolder(), 'runners.json');
  writeFileSync(
    runnersFile,
    JSON.stringify({
      booking: {
        start: agent('run'),
        continue: agent('run', '{sessionId}'),
        byHand: ['booking', 'run', '{sessionId}'],
        stdin: 'prompt',
        session: { id: 'learned', lineType: 'named', lineField: 'id' },
        conversation: {
          variable: 'BOOKING_HOME',
          usual,
          passOn: ['login.json'],
          commands: { export: agent('export', '{sessionId}'), import: agent('import', '{file}') },
        },
      },
    }),
  );

  const startDaemon = (daemonId: string) =>
    test.stack.startAgent(daemonId, {
      PATCHPOINT_RUNNERS_FILE: runnersFile,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false',
    });

  /** A task whose agent has heard its plan, with the checkpoint that holds this. */
  async function talk(daemonId: string) {
    await startDaemon(daemonId);
    const task = { runner: 'booking', daemonId, repoUrl: 'new://talk', plan: 'Say something.' };
    const { taskId, feed } = await test.run({ id: uuidv7(), ...task });
    await feed.untilSaid('has heard: "Say something."');
    const checkpoint = await test.untilCheckpoint(
      taskId,
      ({ conversation, filesChanged }) => conversation !== null && filesChanged === 1,
    );
    return { taskId, feed, checkpoint };
  }

  it('goes on with its files on another daemon when its machine is lost, without a login', async () => {
    const { taskId, feed, checkpoint } = await talk('doomed');
    const url = `${test.stack.patchStore.url}/v1/tasks/${taskId}/checkpoints/${checkpoint.number}/conversation`;
    const stored = await (await fetch(url)).text();
    expect(JSON.parse(stored)).toMatchObject({ info: { id: checkpoint.conversation!.sessionId } });
    expect(stored).not.toContain('secret-of-a-person');
    await loseMachine(test.stack, 'doomed', taskId);
    await startDaemon('next');
    await test.patchStore.resumeTask(taskId, { daemonId: 'next', force: true });
    await feed.untilSaid(`Conversation ${checkpoint.conversation!.sessionId} restored`);
    await feed.untilSaid('has heard: "Say something." and "You were interrupted.');
    const login = join(test.stack.stateDirOf('next'), 'homes', taskId, 'login.json');
    expect(readFileSync(login, 'utf8')).toContain('secret-of-a-person');
    expect(existsSync(join(usual, 'book.json'))).toBe(false);
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped', 2);
  });

  it('is placed for a person whose environment names the file of runners', async () => {
    const { taskId, checkpoint } = await talk('for-people');
    const { sessionId } = checkpoint.conversation!;
    const home = temporaryFolder();
    const restore = async (variables: Record<string, string>) => {
      const folder = join(temporaryFolder(), 'found');
      const { stdout } = await runCli(
        home,
        ['restore', `${taskId}@${checkpoint.number}`, '--with-conversation', '--into', folder, '--json'],
        { PATCHPOINT_SERVER: test.stack.patchStore.url, BOOKING_HOME: home, ...variables },
      );
      return (JSON.parse(stdout) as { conversation: { problem: string | null } }).conversation;
    };
    expect(await restore({})).toMatchObject({
      command: null,
      problem: expect.stringMatching(/"booking", which is not built in; .* PATCHPOINT_RUNNERS_FILE$/),
    });
    const known = { PATCHPOINT_RUNNERS_FILE: runnersFile };
    expect(await restore(known)).toMatchObject({ command: ['booking', 'run', sessionId], problem: null });
    expect(readFileSync(join(home, 'book.json'), 'utf8')).toContain('Say something.');
    expect(await restore(known)).toMatchObject({
      command: null,
      problem: `a conversation ${sessionId} exists, and is left as it is`,
    });
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
  });
});
