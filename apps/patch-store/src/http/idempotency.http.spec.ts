import { describe, expect, it } from '@jest/globals';
import { v4 as uuidv4 } from 'uuid';
import { holdIdempotencyKey, IdempotencyKey, keepAnswer } from '#database';
import { eventually } from '#testing';
import { aTask } from '../../testing/running-patch-store.js';
import { seedDaemon } from '../../testing/seed.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';
import { fingerprintOf } from './idempotency-key.js';

const store = useRunningPatchStore();

const keyed = (key: string) => ({ 'Idempotency-Key': key });
const create = (key: string, fields: Record<string, unknown> = {}) =>
  store.post('/v1/tasks', { ...aTask, name: key, ...fields }, keyed(key));

async function tasksNamed(name: string): Promise<number> {
  const { body } = await store.get<{ tasks: unknown[] }>(`/v1/tasks?name=${name}`);
  return body.tasks.length;
}

describe('a POST with an Idempotency-Key', () => {
  it('is done once, and answered alike ever after', async () => {
    const key = uuidv4();
    const first = await create(key);
    expect(first.status).toBe(201);
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    for (const again of [await create(key), await create(`"${key}"`, { name: key })]) {
      expect(again.status).toBe(201);
      expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body));
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      expect(again.headers.get('idempotency-replayed')).toBe('true');
    }
    expect(await tasksNamed(key)).toBe(1);
  });

  it('is done once when it is sent many times at once', async () => {
    const key = uuidv4();
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(key)));
    const fresh = answers.filter(
      ({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'),
    );
    expect(fresh).toHaveLength(1);
    for (const { status, body } of answers) {
      expect(status === 201 || body['code'] === 'IDEMPOTENCY_KEY_IN_PROGRESS').toBe(true);
    }
    expect(await tasksNamed(key)).toBe(1);
  });

  it('is answered emptily again where the answer was empty', async () => {
    const taskId = await store.createTask();
    await seedDaemon(store.database, 'daemon-1');
    await store.claim(taskId, 'daemon-1');
    const key = uuidv4();
    const path = `/v1/tasks/${taskId}/checkpoints`;
    expect(await store.post(path, { message: 'now' }, keyed(key))).toMatchObject({ status: 202, body: '' });
    const again = await store.post(path, { message: 'now' }, keyed(key));
    expect(again).toMatchObject({ status: 202, body: '' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await eventually(async () =>
      expect(await store.messages('COMMANDS', 'create-checkpoint')).toHaveLength(1),
    );
  });

  it('is refused when the key was used for another body or path', async () => {
    const key = uuidv4();
    const { body } = await create(key);
    const refusal = { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED', path: 'Idempotency-Key' } };
    expect(await create(key, { plan: 'another' })).toMatchObject(refusal);
    expect(await store.post(`/v1/tasks/${body['id']}/stop`, {}, keyed(key))).toMatchObject(refusal);
  });

  it('leaves the key free when it was refused', async () => {
    const key = uuidv4();
    expect((await create(key, { repoUrl: 'nowhere' })).status).toBe(400);
    const { status, headers } = await create(key);
    expect([status, headers.has('idempotency-replayed')]).toEqual([201, false]);
  });

  it.each(['', 'two words', '"open', 'k'.repeat(256)])('is refused with the key "%s"', async (key) => {
    expect(await store.post('/v1/tasks', aTask, keyed(key))).toMatchObject({
      status: 400,
      body: { code: 'FIELD_INVALID', path: 'Idempotency-Key' },
    });
  });
});

describe('a key', () => {
  it('passes from a process that died to the next try, and what comes late of the first is forgotten', async () => {
    const key = uuidv4();
    const body = Buffer.from(JSON.stringify({ ...aTask, name: key }));
    const requestSha256 = fingerprintOf({ originalUrl: '/v1/tasks', body });
    const dead = { key, requestSha256, holder: uuidv4() };
    expect(await holdIdempotencyKey(store.database.manager, dead)).toEqual({ outcome: 'held' });
    const tooEarly = await create(key);
    expect(tooEarly).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_IN_PROGRESS' } });
    expect(tooEarly.headers.get('retry-after')).toBe('1');

    await store.database.manager.query(`UPDATE idempotency_keys SET held_until = now() WHERE key = $1`, [
      key,
    ]);
    expect((await create(key, { plan: 'another' })).status).toBe(422);
    const next = await create(key);
    expect(next.status).toBe(201);
    await keepAnswer(store.database.manager, dead, { status: 202, body: 'late', location: null });
    expect(await create(key)).toMatchObject({ status: 201, body: next.body });
  });

  it('is forgotten after a day', async () => {
    const key = uuidv4();
    await create(key);
    const { expiresAt } = await store.database.manager.findOneByOrFail(IdempotencyKey, { key });
    expect(Math.round((expiresAt.getTime() - Date.now()) / 3_600_000)).toBe(24);
    await store.database.manager.query(`UPDATE idempotency_keys SET expires_at = now() WHERE key = $1`, [
      key,
    ]);
    expect((await create(key, { plan: 'another' })).headers.has('idempotency-replayed')).toBe(false);
    expect(await tasksNamed(key)).toBe(2);
  });
});
