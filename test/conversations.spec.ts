import {
  appendFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { queryOnce, temporaryFolder } from '#testing';
import { runCli } from './testing/use-cli.js';
import { useDrivenStack } from './testing/use-driven-stack.js';
import { useTalkingAgent } from './testing/use-talking-agent.js';

describe('the conversation of an agent', () => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const { usualHome, startDaemon, talk, readsInItsBrief, transcriptOf, readConversation } =
    useTalkingAgent(test);

  it('goes on after the machine was lost, with the files of the same moment', async () => {
    await startDaemon('one');
    const { taskId, feed, turns, checkpoint } = await talk('one');
    const transcript = transcriptOf('one', taskId, checkpoint);
    expect(
      lstatSync(join(test.stack.stateDirOf('one'), 'homes', taskId, 'login.json')).isSymbolicLink(),
    ).toBe(true);

    appendFileSync(turns, 'echo second > second.txt; echo two\n');
    await feed.untilSaid('turn 2: two');
    const second = await test.untilCheckpoint(taskId, ({ conversation }) => conversation?.linesCount === 5);
    const captured = readFileSync(transcript, 'utf8');
    await loseMachine(test.stack, 'one', taskId);

    await startDaemon('two');
    await test.patchStore.resumeTask(taskId, { daemonId: 'two', force: true });
    await feed.untilSaid(`Conversation ${checkpoint.conversation!.sessionId} restored (5 lines, verified)`);
    await feed.untilSaid(`resume ${checkpoint.conversation!.sessionId}: remembers 5 lines`);
    const { worktreePath } = await test.untilState(taskId, 'running', 2);
    expect(readFileSync(join(worktreePath!, 'second.txt'), 'utf8')).toBe('second\n');
    const placed = transcriptOf('two', taskId, second);
    expect(readFileSync(placed, 'utf8').startsWith(captured)).toBe(true);
    expect(statSync(placed).mode & 0o777).toBe(0o600);

    appendFileSync(join(worktreePath!, 'turns'), 'cat first.txt second.txt\nend\n');
    await feed.untilSaid('turn 3: first\nsecond');
    await test.untilState(taskId, 'completed', 2);
  });

  it('is a checkpoint when nothing else has changed, and is stored as it grows', async () => {
    await startDaemon('growing');
    const { taskId, feed, turns, checkpoint } = await talk('growing');
    appendFileSync(turns, 'echo only words\n');
    await feed.untilSaid('turn 2: only words');
    const filesAgain = await test.untilCheckpoint(
      taskId,
      ({ conversation }) => conversation?.linesCount === 5,
    );
    const transcript = readFileSync(transcriptOf('growing', taskId, checkpoint));
    const raw = await readConversation(taskId, filesAgain.number);
    expect(raw).toEqual({ status: 200, text: transcript.toString() });
    const readable = await readConversation(taskId, filesAgain.number, 'text/markdown');
    expect(readable.text).toContain('## user\n\nSay something.');
    expect(readable.text).toContain('> only words');
    expect((await readConversation(taskId, checkpoint.number)).text).toBe(
      transcript.subarray(0, checkpoint.conversation!.files[0]!.lengthBytes).toString(),
    );
    expect((await readConversation(taskId, 999)).status).toBe(404);
    const parts = await queryOnce(
      test.stack.postgres.url,
      `SELECT start_byte FROM conversation_parts WHERE task_id = '${taskId}' ORDER BY start_byte`,
    );
    expect(parts.length).toBeGreaterThan(1);
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
  });

  it('is held with the files before a command that destroys them, and at the end of a turn', async () => {
    await startDaemon('careful', { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0' });
    const id = uuidv7();
    await test.run({
      id,
      runner: 'claude-code',
      daemonId: 'careful',
      repoUrl: 'new://care',
      plan: 'Take care.',
    });
    const { worktreePath } = await test.untilState(id, 'running');
    appendFileSync(
      join(worktreePath!, 'turns'),
      'cp turns ../turns; echo hours of work > work.txt\ngit clean -fdxq; cp ../turns turns\nend\n',
    );
    await test.untilState(id, 'completed');
    const before = await test.untilCheckpoint(id, ({ kind }) => kind === 'before-command');
    expect(before.message).toBe('Before: git clean -fdxq; cp ../turns turns');
    const files = await test.patchStore.checkpoint(id, before.number);
    expect(files.files!.map(({ path }) => path)).toContain('work.txt');
    expect(before.conversation!.linesCount).toBe(4);
    const turn = await test.untilCheckpoint(id, ({ kind }) => kind === 'turn');
    expect(turn.conversation!.linesCount).toBe(6);
  });

  it('is placed for a person, with the command that goes on with it, and never over another', async () => {
    await startDaemon('for-people');
    const { taskId, checkpoint } = await talk('for-people');
    const { sessionId } = checkpoint.conversation!;
    const home = temporaryFolder();
    const restore = (folder: string) =>
      runCli(
        home,
        ['restore', `${taskId}@${checkpoint.number}`, '--with-conversation', '--into', folder, '--json'],
        {
          PATCHPOINT_SERVER: test.stack.patchStore.url,
          CLAUDE_CONFIG_DIR: home,
        },
      );
    const folder = join(temporaryFolder(), 'found');
    const restored = await restore(folder);
    expect(JSON.parse(restored.stdout)).toMatchObject({
      conversation: { command: ['claude', '--resume', sessionId], linesCount: 3, problem: null },
    });
    const placed = join(home, 'projects', folder.replace(/[^A-Za-z0-9]/g, '-'), `${sessionId}.jsonl`);
    expect(readFileSync(placed, 'utf8')).toBe((await readConversation(taskId, checkpoint.number)).text);

    rmSync(folder, { recursive: true });
    appendFileSync(placed, 'what the person said since');
    const again = await restore(folder);
    expect(again.exitCode).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({
      conversation: { command: null, problem: expect.stringContaining('exists, and is left as it is') },
    });
    expect(readFileSync(placed, 'utf8')).toContain('since');
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
  });

  it('starts over with what was said, when the program refuses its conversation', async () => {
    await startDaemon('refusing');
    const { taskId, feed, checkpoint } = await talk('refusing');
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
    truncateSync(transcriptOf('refusing', taskId, checkpoint));
    await test.patchStore.resumeTask(taskId, { daemonId: 'refusing' });
    await feed.untilSaid('the conversation is not continued, starting over: the program ended at once');
    await feed.untilSaid(': remembers 0 lines');
    expect(await feed.untilRefused()).toMatchObject({
      taskId,
      attempt: 2,
      reason: 'the program ended at once with exit code 1',
    });
    await readsInItsBrief(taskId, feed, 'its conversation was refused');
  });

  it('starts over, and says why, when what was stored of it is damaged; the files come back', async () => {
    await startDaemon('damaged');
    const { taskId, feed, checkpoint } = await talk('damaged');
    await loseMachine(test.stack, 'damaged', taskId);
    await queryOnce(
      test.stack.postgres.url,
      `UPDATE conversation_parts SET data = set_byte(data, 12, 255 - get_byte(data, 12)) WHERE task_id = '${taskId}'`,
    );
    await startDaemon('after-damage');
    await test.patchStore.resumeTask(taskId, { daemonId: 'after-damage', force: true });
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    const { attempt, reason } = await feed.untilRefused();
    expect({ attempt, reason }).toEqual({
      attempt: 2,
      reason: expect.stringMatching(/^it cannot be restored: /),
    });
    await feed.untilSaid(': remembers 0 lines');
    await readsInItsBrief(taskId, feed, 'its conversation was refused: it cannot be restored');
  });

  it('goes on after its machine was lost in the middle of a line', async () => {
    await startDaemon('cut');
    const { taskId, feed, turns, checkpoint } = await talk('cut');
    appendFileSync(transcriptOf('cut', taskId, checkpoint), '{"type": "user", "mess');
    appendFileSync(join(turns, '../second.txt'), 'captured with half a line\n');
    const { number } = await test.untilCheckpoint(
      taskId,
      ({ number, treeSha }) => number > checkpoint.number && treeSha !== checkpoint.treeSha,
    );
    expect((await readConversation(taskId, number)).text).toMatch(/\n$/);
    await loseMachine(test.stack, 'cut', taskId);
    await startDaemon('after-cut');
    await test.patchStore.resumeTask(taskId, { daemonId: 'after-cut', force: true });
    await feed.untilSaid(': remembers 3 lines');
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped', 2);
  });

  it('is not captured where the operator does not want it, nor is a login ever', async () => {
    await startDaemon('quiet', { PATCHPOINT_CONVERSATIONS: 'false' });
    const id = uuidv7();
    await test.run({
      id,
      runner: 'claude-code',
      daemonId: 'quiet',
      repoUrl: 'new://quiet',
      plan: 'Be quiet.',
    });
    const { worktreePath } = await test.untilState(id, 'running');
    writeFileSync(join(worktreePath!, 'turns'), 'echo done\nend\n');
    await test.untilState(id, 'completed');
    const checkpoint = await test.untilCheckpoint(id, ({ kind }) => kind === 'final');
    expect(checkpoint.conversation).toBeNull();
    expect(await readConversation(id, checkpoint.number)).toMatchObject({ status: 404 });
    const [{ found }] = (await queryOnce(
      test.stack.postgres.url,
      `SELECT count(*)::int AS found FROM conversation_parts WHERE encode(data, 'escape') LIKE '%secret-of-a-person%'`,
    )) as [{ found: number }];
    expect(found).toBe(0);
    expect(existsSync(join(usualHome, 'projects'))).toBe(false);
  });
});
