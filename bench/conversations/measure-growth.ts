import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { PatchStoreClient } from '#client';
import type { CheckpointView } from '#contracts';
import type { Stack } from '#embedded';
import { countSentBytes } from './count-sent-bytes.js';

export interface GrowthPlan {
  /** Of the conversation before what is measured. */
  startBytes: number;
  /** Between two captures. */
  stepBytes: number;
  stepsCount: number;
}

export interface Growth {
  contents: string;
  /** What the conversation grew by. */
  grownBytes: number;
  /** Of the tables that hold checkpoints and conversations, in rows. */
  storedBytes: number;
  /** What went over NATS for these checkpoints. */
  sentBytes: number;
  /** What grew, compressed in one piece. */
  floorBytes: number;
}

const program = fileURLToPath(new URL('growing-agent.js', import.meta.url));

/** Lets an agent talk, and captures it after each step. */
export async function measureGrowth(
  stack: Stack,
  folder: string,
  contents: 'code' | 'random',
  { startBytes, stepBytes, stepsCount }: GrowthPlan,
): Promise<Growth> {
  const talkFile = join(folder, `${contents}.talk`);
  const grow = (bytes: number): Promise<void> => writeFile(talkFile, String(bytes));
  await grow(startBytes);
  await startDaemon(stack, folder, contents, talkFile);
  const client = new PatchStoreClient(stack.patchStore.url);
  const { id } = await client.createTask({
    name: contents,
    runner: 'talker',
    daemonId: contents,
    repoUrl: 'new://talk',
    plan: 'Talk.',
  });
  await untilLength(client, id, startBytes);
  const postgres = new Client({ connectionString: stack.postgres.url });
  await postgres.connect();
  const sent = await countSentBytes(stack.nats.url, contents);
  try {
    const before = { stored: await storedBytes(postgres, id), sent: sent.bytes() };
    const first = await untilLength(client, id, startBytes);
    let last = first;
    for (let step = 1; step <= stepsCount; step += 1) {
      await grow(startBytes + step * stepBytes);
      last = await untilLength(client, id, startBytes + step * stepBytes);
    }
    const text = await readConversation(stack, id, last.number);
    const growth = {
      contents,
      grownBytes: lengthOf(last) - lengthOf(first),
      storedBytes: (await storedBytes(postgres, id)) - before.stored,
      sentBytes: sent.bytes() - before.sent,
      floorBytes: gzipSync(text.subarray(lengthOf(first))).length,
    };
    await grow(-1);
    return growth;
  } finally {
    await sent.stop();
    await postgres.end();
  }
}

async function startDaemon(stack: Stack, folder: string, contents: string, talkFile: string): Promise<void> {
  const runnersFile = join(folder, `${contents}.json`);
  const conversation = {
    variable: 'TALK_HOME',
    usual: join(folder, 'usual'),
    passOn: [],
    files: ['projects/{cwdSlug}/{sessionId}.jsonl'],
  };
  const talker = {
    start: [process.execPath, program, '{sessionId}', contents],
    stdin: 'nothing',
    environment: { TALK_FILE: talkFile },
    session: { id: 'given' },
    conversation,
  };
  await writeFile(runnersFile, JSON.stringify({ talker }));
  await stack.startAgent(contents, {
    PATCHPOINT_RUNNERS_FILE: runnersFile,
    PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
    PATCHPOINT_HEARTBEAT_COMMIT: 'false',
  });
}

/** The first checkpoint whose conversation has at least so many bytes. */
async function untilLength(client: PatchStoreClient, taskId: string, bytes: number): Promise<CheckpointView> {
  for (;;) {
    const found = (await client.checkpoints(taskId)).findLast((each) => lengthOf(each) >= bytes);
    if (found !== undefined) return found;
    await sleep(100);
  }
}

function lengthOf({ conversation }: CheckpointView): number {
  return (conversation?.files ?? []).reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}

async function readConversation(stack: Stack, taskId: string, number: number): Promise<Buffer> {
  const url = `${stack.patchStore.url}/v1/tasks/${taskId}/checkpoints/${number}/conversation`;
  const response = await fetch(url, { headers: { accept: 'application/jsonl' } });
  return Buffer.from(await response.arrayBuffer());
}

/** All columns of all rows of the task, as Postgres holds them. */
async function storedBytes(postgres: Client, taskId: string): Promise<number> {
  const { rows } = await postgres.query<{ bytes: string }>(
    `SELECT (SELECT coalesce(sum(pg_column_size(part.*)), 0) FROM conversation_parts part WHERE part.task_id = $1)
          + (SELECT coalesce(sum(pg_column_size(checkpoint.*)), 0) FROM task_checkpoints checkpoint WHERE checkpoint.task_id = $1) AS bytes`,
    [taskId],
  );
  return Number(rows[0]!.bytes);
}
