import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { eventually } from '#testing';
import { sourceRepository } from '../testing/source-repository.js';
import { plan } from '../testing/use-work.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';

/** JSON that parsing and writing would change in ten ways: order, digits, spaces, escapes, repeated keys … */
const ODD = String.raw`[ {"role":"user",  "2":1e400,"1":12345678901234567890, "content":"\u00e9 é \/ \ud83d\ude00 😀"},
	{"__proto__":{"a":1},"constructor":null,"toString":"x","a":1.10,"a":-0,"":"\u0000 \ud800"} , [ ],{ } ]`;

const OTHER = String.raw`{ "b" :0.10000000000000000000001,"a":"\t\u2028\u000A" }`;

const SEEN = 'cp "$PATCHPOINT_CONVERSATION_FILE" "seen-$PATCHPOINT_ATTEMPT"';

const test = useDrivenStack({
  ingestReplicas: 1,
  daemonIds: ['doomed', 'other'],
  environment: {
    'daemon-agent': { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1', PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true' },
  },
});

/** Sends a body as it is written. */
async function send(method: string, path: string, body: string): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(`${test.stack.patchStore.url}/v1${path}`, { method, headers, body });
}

/** What the agent of that attempt found in its file, where its worktree is. */
function untilSeen(taskId: string, attempt: number): Promise<string> {
  return eventually(
    async () => {
      const { worktreePath, attempt: current } = await test.patchStore.task(taskId);
      const file = join(worktreePath ?? '', `seen-${attempt}`);
      expect({ current, isThere: worktreePath !== null && existsSync(file) }).toEqual({
        current: attempt,
        isThere: true,
      });
      const text = readFileSync(file, 'utf8');
      expect(text).not.toBe('');
      return text;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

describe('the history of a conversation', () => {
  it('reaches agents byte for byte: at first, on another machine, and in a fork', async () => {
    const id = uuidv7();
    const task = JSON.stringify({
      id,
      name: 'exact',
      plan: plan(SEEN, `${SEEN}; sleep 2`),
      runner: 'shell',
      repoUrl: sourceRepository().url,
      daemonId: 'doomed',
    });
    const created = await send('POST', '/tasks', `${task.slice(0, -1)}, "conversationHistory" :\n ${ODD} }`);
    expect(created.status).toBe(201);
    expect(await untilSeen(id, 1)).toBe(ODD);
    await test.untilCheckpoint(id, ({ filesChanged }) => filesChanged! > 0);

    await loseMachine(test.stack, 'doomed', id);
    await test.patchStore.resumeTask(id, { daemonId: 'other', force: true });
    expect(await untilSeen(id, 2)).toBe(ODD);

    const forked = await send('POST', `/tasks/${id}/fork`, '{"daemonId":"other"}');
    const { id: forkId } = (await forked.json()) as { id: string };
    expect(await untilSeen(forkId, 1)).toBe(ODD);
    await test.patchStore.stopTask(forkId, 'seen');
  });

  it('can be replaced by another, which the next attempt gets', async () => {
    const { taskId } = await test.run({
      id: uuidv7(),
      daemonId: 'other',
      repoUrl: sourceRepository().url,
      plan: plan('true', `${SEEN}; sleep 2`),
    });
    await test.untilState(taskId, 'running');
    const put = await send(
      'PUT',
      `/tasks/${taskId}/conversation-history`,
      `{"conversationHistory":${OTHER}}`,
    );
    expect(put.status).toBe(204);
    await test.patchStore.stopTask(taskId, 'to be resumed');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'other' });
    expect(await untilSeen(taskId, 2)).toBe(OTHER);
  });
});
