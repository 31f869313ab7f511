import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { compose, JsonText, SpawnTask } from '#contracts';
import { temporaryFolder } from '#testing';
import { TaskRegistry } from './task-registry.js';

const odd = '{ "b":1e400,"2":12345678901234567890, "1":"\\u00e9é","__proto__":1.10,"b":{}}';

const spawn = (conversationHistory?: JsonText): SpawnTask =>
  compose(SpawnTask, {
    eventId: uuidv7(),
    taskId: uuidv7(),
    attempt: 1,
    taskName: 'a',
    plan: 'p',
    runner: 'shell',
    repoUrl: 'new://a',
    isSupervisor: false,
    resumeSession: false,
    conversationHistory,
  });

describe('TaskRegistry', () => {
  it('gives back, after a restart, what an order carries byte for byte', async () => {
    const folder = temporaryFolder();
    const order = spawn(new JsonText(odd));
    await (await TaskRegistry.open(folder)).put({ spawn: order, phase: 'running', sequence: 3 });
    const again = (await TaskRegistry.open(folder)).get(order.taskId);
    expect(again).toEqual({ spawn: order, phase: 'running', sequence: 3 });
    expect(again!.spawn.conversationHistory!.text).toBe(odd);
  });

  it('reads what an older version wrote', async () => {
    const folder = temporaryFolder();
    const order = { ...spawn(), conversationHistory: [{ role: 'user' }] };
    const file = join(folder, `${order.taskId}.json`);
    writeFileSync(file, JSON.stringify({ spawn: order, phase: 'ended', sequence: 1 }, null, 2));
    const registry = await TaskRegistry.open(folder);
    expect(JSON.parse(registry.get(order.taskId)!.spawn.conversationHistory!.text)).toEqual([
      { role: 'user' },
    ]);
    await registry.update(order.taskId, { sequence: 2 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ spawn: order, sequence: 2 });
  });
});
