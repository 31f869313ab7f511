import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { CreatedToken, TaskView } from '#contracts';
import { describedOperations } from '../../testing/operations.js';
import { aTask } from '../../testing/running-patch-store.js';
import { seedCheckpoint } from '../../testing/seed.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

/*
 * Asks every endpoint of the description, event streams too, as somebody whose token is for others' tasks.
 * A new endpoint is covered because it is described.
 */

const ADMIN = { authorization: 'Bearer correct-horse-battery' };
const store = useRunningPatchStore(useServers(), { apiToken: 'correct-horse-battery' });

/** Whose the task is that nobody else sees. */
const HOME = { owner: 'alice', pool: 'home' };
const STRANGERS = {
  'another owner': { owner: 'bob' },
  'another pool': { pool: 'elsewhere' },
  'the owner in another pool': { owner: 'alice', pool: 'elsewhere' },
};
const FRIENDS = { 'its owner': { owner: 'alice' }, 'its pool': { pool: 'home' }, 'its owner there': HOME };

type Headers = Record<string, string>;

async function tokenFor(confinement: object): Promise<Headers> {
  const scopes = ['read', 'content', 'operate'];
  const made = await store.post<CreatedToken>('/v1/tokens', { name: 'spec', scopes, ...confinement }, ADMIN);
  expect(made.status).toBe(201);
  return { authorization: `Bearer ${made.body.token}` };
}

async function createTask(fields: object, headers: Headers): Promise<string> {
  const { status, body } = await store.post<TaskView>('/v1/tasks', { ...aTask, ...fields }, headers);
  expect(status).toBe(201);
  return body.id;
}

async function homeTask() {
  const taskId = await createTask(HOME, ADMIN);
  const { patchId } = await seedCheckpoint(store.database, { taskId, number: 1, daemonId: 'home-1' });
  return { taskId, patchId };
}

/** The answer; of a stream, what it says until `awaited` is in it. */
async function ask(method: string, path: string, headers: Headers, awaited: string) {
  const cancel = new AbortController();
  const signal = AbortSignal.any([cancel.signal, AbortSignal.timeout(30_000)]);
  const response = await fetch(store.url + path, {
    method,
    headers: { ...headers, ...(method !== 'GET' && { 'content-type': 'application/json' }) },
    signal,
  });
  const { status } = response;
  if (!response.headers.get('content-type')?.includes('event-stream')) {
    return { status, text: await response.text() };
  }
  let text = '';
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.includes(awaited)) break;
  }
  cancel.abort();
  return { status, text };
}

const operations = describedOperations();
const onOne = operations.filter(({ path }) => path.includes('{id}'));
const onMany = operations.filter(({ path }) => !path.includes('{id}'));
const NOT_SHOWN = /"code":"(?:TASK_NOT_FOUND|PATCH_NOT_FOUND|CONFINED)"/;
const ABOUT_ALL = /^(?:DeadLetters|Tokens)\./;

describe.each(Object.entries(STRANGERS))('to %s', (_, confinement) => {
  let headers: Headers;
  let own: string;

  beforeAll(async () => {
    headers = await tokenFor(confinement);
    own = await createTask({ pool: 'pool' in confinement ? confinement.pool : 'default' }, headers);
  });

  it.each(onOne)('$operationId answers as if there were no such task', async ({ method, path }) => {
    const { taskId, patchId } = await homeTask();
    const id = path.startsWith('/v1/patches/') ? patchId : taskId;
    const unknown = uuidv7();
    const answer = await ask(method, path.replace('{id}', id), headers, own);
    const toUnknown = await ask(method, path.replace('{id}', unknown), headers, own);
    expect(answer.text).toMatch(path.startsWith('/v1/tokens') ? /SCOPE_MISSING/ : NOT_SHOWN);
    expect(answer.text.replaceAll(id, unknown)).toBe(toUnknown.text);
    expect(answer.status).toBe(path.match(/dead-letters|tokens/) ? 403 : 404);
    const upper = await ask(method, path.replace('{id}', id.toUpperCase()), headers, own);
    expect(upper).toEqual(answer);
  });

  it.each(onMany)('$operationId says nothing of the task', async ({ method, path, operationId }) => {
    const { taskId } = await homeTask();
    await store.beat('home-1', { pool: 'home', tasks: [{ taskId, attempt: 1 }] });
    own = await createTask({ pool: 'pool' in confinement ? confinement.pool : 'default' }, headers);
    const { text } = await ask(method, `${path}${method === 'GET' ? query(operationId) : ''}`, headers, own);
    expect(text).not.toContain(taskId);
    if (['Tasks.list', 'Events.follow'].includes(operationId)) expect(text).toContain(own);
  });

  it('a task is not found by the beginning or the end of its id', async () => {
    const { taskId } = await homeTask();
    for (const filter of [`idPrefix=${taskId.slice(0, 30)}`, `idSuffix=${taskId.slice(-12)}`, 'pool=home']) {
      const asAdmin = await store.get(`/v1/tasks?limit=200&${filter}`, ADMIN);
      expect(JSON.stringify(asAdmin.body)).toContain(taskId);
      const { body } = await store.get(`/v1/tasks?limit=200&${filter}`, headers);
      expect(body).toEqual({ tasks: [], nextCursor: null });
    }
  });

  it('a taken id says nothing of the task that has it', async () => {
    const { taskId } = await homeTask();
    const pool = 'pool' in confinement ? confinement.pool : 'home';
    const again = await store.post('/v1/tasks', { ...aTask, id: taskId, pool }, headers);
    expect(again).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT', path: 'id' } });
    const fork = await store.post(`/v1/tasks/${own}/fork`, { id: taskId }, headers);
    expect(fork).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT', path: 'id' } });
  });
});

describe.each(Object.entries(FRIENDS))('to %s', (_, confinement) => {
  it.each(onOne.filter(({ operationId }) => !ABOUT_ALL.test(operationId)))(
    '$operationId shows the task',
    async ({ method, path }) => {
      const { taskId, patchId } = await homeTask();
      const id = path.startsWith('/v1/patches/') ? patchId : taskId;
      const cancel = new AbortController();
      const response = await fetch(store.url + path.replace('{id}', id), {
        method,
        headers: { ...(await tokenFor(confinement)), 'content-type': 'application/json' },
        signal: cancel.signal,
      });
      const isProblem = response.headers.get('content-type')?.includes('problem');
      expect(isProblem ? await response.text() : '').not.toMatch(NOT_SHOWN);
      cancel.abort();
    },
  );

  it('events of the task are shown', async () => {
    const { taskId } = await homeTask();
    const { text } = await ask('GET', `/v1/events?since=1970-01-01`, await tokenFor(confinement), taskId);
    expect(text).toContain(taskId);
  });
});

describe('the owner of a task', () => {
  it('is whom the token is for, and of a fork too', async () => {
    const alice = await tokenFor({ owner: 'alice' });
    const taskId = await createTask({}, alice);
    await seedCheckpoint(store.database, { taskId, number: 1 });
    const task = await store.get<TaskView>(`/v1/tasks/${taskId}`, ADMIN);
    expect(task.body.owner).toBe('alice');
    const fork = await store.post<TaskView>(`/v1/tasks/${taskId}/fork`, {}, ADMIN);
    expect(fork).toMatchObject({ status: 201, body: { owner: 'alice' } });
  });

  it('is named by who has the scope admin alone', async () => {
    const answer = await store.post(
      '/v1/tasks',
      { ...aTask, owner: 'bob' },
      await tokenFor({ owner: 'alice' }),
    );
    expect(answer).toMatchObject({ status: 403, body: { code: 'SCOPE_MISSING', path: 'owner' } });
    await createTask({ owner: 'alice' }, await tokenFor({ owner: 'alice' }));
  });
});

describe('who is confined to a pool', () => {
  it('has no task run anywhere else', async () => {
    const headers = await tokenFor({ pool: 'home' });
    const refused = { status: 403, body: { code: 'CONFINED' } };
    await store.beat('away-1', { pool: 'elsewhere' });
    const { taskId } = await homeTask();
    for (const place of [{ pool: 'elsewhere' }, { daemonId: 'away-1' }]) {
      const created = await store.post('/v1/tasks', { ...aTask, pool: 'home', ...place }, headers);
      expect(created).toMatchObject(refused);
      for (const action of ['resume', 'fork']) {
        expect(await store.post(`/v1/tasks/${taskId}/${action}`, place, headers)).toMatchObject(refused);
      }
    }
  });
});

function query(operationId: string): string {
  if (operationId === 'Events.follow') return '?since=1970-01-01';
  return operationId === 'Daemons.list' ? '' : '?limit=200';
}
