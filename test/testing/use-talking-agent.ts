import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { CheckpointView } from '#contracts';
import { temporaryFolder } from '#testing';
import type { TaskFeed } from './task-feed.js';
import type { Driver } from './use-driven-stack.js';

const program = join(import.meta.dirname, 'talking-agent.mjs');

/**
 * Daemons whose `claude-code` is `talking-agent.mjs`, and what a test does with it. As `unable` it is a
 * program that cannot fork a conversation.
 */
export function useTalkingAgent(test: Driver) {
  const usualHome = temporaryFolder();
  writeFileSync(join(usualHome, 'login.json'), '{"token": "secret-of-a-person"}');
  const runnersFile = join(temporaryFolder(), 'runners.json');
  const command = (...words: string[]) => [process.execPath, program, ...words, '{sessionId}', '{hooks}'];
  const unable = {
    start: command('start'),
    continue: command('resume'),
    stdin: 'prompt',
    hooks: 'claude-code',
    session: { id: 'given' },
    conversation: {
      variable: 'CLAUDE_CONFIG_DIR',
      usual: usualHome,
      passOn: ['login.json'],
      files: ['projects/{cwdSlug}/{sessionId}.jsonl'],
    },
  };
  const able = { ...unable, fork: command('fork', '{forkedSessionId}') };
  writeFileSync(runnersFile, JSON.stringify({ 'claude-code': able, unable }));

  const startDaemon = (daemonId: string, variables: Record<string, string> = {}) =>
    test.stack.startAgent(daemonId, {
      PATCHPOINT_RUNNERS_FILE: runnersFile,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false',
      ...variables,
    });

  /** A task that has taken a turn, with the checkpoint that holds it. */
  async function talk(daemonId: string) {
    const { taskId, feed } = await test.run({
      id: uuidv7(),
      runner: 'claude-code',
      daemonId,
      repoUrl: 'new://talk',
      plan: 'Say something.',
    });
    const { worktreePath } = await test.untilState(taskId, 'running');
    const turns = join(worktreePath!, 'turns');
    appendFileSync(turns, 'echo first > first.txt; echo one\n');
    await feed.untilSaid('turn 1: one');
    const checkpoint = await test.untilCheckpoint(
      taskId,
      ({ conversation }) => conversation?.linesCount === 3,
    );
    return { taskId, feed, worktreePath: worktreePath!, turns, checkpoint };
  }

  /** Lets a resumed agent read its brief, and end. */
  async function readsInItsBrief(taskId: string, feed: TaskFeed, text: string): Promise<void> {
    const { worktreePath } = await test.untilState(taskId, 'running', 2);
    appendFileSync(join(worktreePath!, 'turns'), 'cat "$PATCHPOINT_RECOVERY_BRIEF"\nend\n');
    await feed.untilSaid(text);
    await test.untilState(taskId, 'completed', 2);
  }

  function transcriptOf(daemonId: string, taskId: string, { conversation }: CheckpointView): string {
    const projects = join(test.stack.stateDirOf(daemonId), 'homes', taskId, 'projects');
    const [slug] = readdirSync(projects);
    return join(projects, slug!, `${conversation!.sessionId}.jsonl`);
  }

  async function readConversation(taskId: string, number: number, accept = 'application/jsonl') {
    const url = `${test.stack.patchStore.url}/v1/tasks/${taskId}/checkpoints/${number}/conversation`;
    const response = await fetch(url, { headers: { accept } });
    return { status: response.status, text: await response.text() };
  }

  return { usualHome, startDaemon, talk, readsInItsBrief, transcriptOf, readConversation };
}
