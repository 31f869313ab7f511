import { describe, expect, it } from '@jest/globals';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import type { SpawnTask, TaskEvent, TaskSummary, TaskView } from '#contracts';
import { eventually } from '#testing';
import { aTask } from '../../testing/running-patch-store.js';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

const eventsOf = async (taskId: string): Promise<string[]> =>
  (await store.messages<TaskEvent>('EVENTS', ''))
    .filter((event) => event.taskId === taskId)
    .map((event) => event.kind);

describe('POST /v1/tasks', () => {
  it('keeps a watched worktree to the daemon that watches it', async () => {
    const { body } = await store.post<TaskView>('/v1/tasks', {
      ...aTask,
      runner: 'watch',
      daemonId: 'laptop',
    });
    expect(body).toMatchObject({ pool: 'laptop', requestedDaemonId: 'laptop', autoResume: false });
    const elsewhere = await store.post(`/v1/tasks/${body.id}/resume`, { daemonId: 'pod' });
    expect(elsewhere).toMatchObject({ status: 409, body: { code: 'TASK_STATE_CONFLICT' } });
    const here = await store.post(`/v1/tasks/${body.id}/resume`, { daemonId: 'laptop' });
    expect(here).toMatchObject({ status: 202, body: { attempt: 2 } });
  });

  it('keeps the task, sends it to its pool and announces it', async () => {
    const { status, headers, body } = await store.post<TaskView>('/v1/tasks', { ...aTask, pool: 'gpu' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/tasks/${body.id}`);
    expect(body).toMatchObject({
      ...aTask,
      pool: 'gpu',
      state: 'spawning',
      attempt: 1,
      daemonId: null,
      isSupervisor: false,
      autoResume: true,
      unattended: null,
    });
    const spawn = await eventually(async () => {
      const [spawn] = await store.messages<SpawnTask>('COMMANDS', 'pool.gpu.spawn-task');
      expect(spawn).toBeDefined();
      return spawn!;
    });
    expect(spawn).toMatchObject({
      taskId: body.id,
      attempt: 1,
      taskName: aTask.name,
      plan: aTask.plan,
      resumeSession: false,
    });
    await eventually(async () => expect(await eventsOf(body.id)).toEqual(['task-spawning']));
  });

  it('keeps how far the agent may act, over a resume', async () => {
    const task = { ...aTask, unattended: 'full', pool: 'contained' };
    const { body } = await store.post<TaskView>('/v1/tasks', task);
    expect(body.unattended).toBe('full');
    await store.claim(body.id, 'daemon-1', 1);
    await store.post(`/v1/tasks/${body.id}/stop`, {});
    await store.post(`/v1/tasks/${body.id}/resume`, { force: true });
    await eventually(async () => {
      const spawns = await store.messages<SpawnTask>('COMMANDS', 'pool.contained.spawn-task');
      expect(spawns).toMatchObject([
        { attempt: 1, unattended: 'full' },
        { attempt: 2, unattended: 'full' },
      ]);
    });
    const other = await store.post('/v1/tasks', { ...task, id: body.id, unattended: 'worktree' });
    expect(other).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT', path: 'unattended' } });
  });

  it('sends a task that is meant for one daemon to that daemon alone', async () => {
    const taskId = await store.createTask({ daemonId: 'only-me' });
    await eventually(async () => {
      const [spawn] = await store.messages<SpawnTask>('COMMANDS', 'daemon.only-me.spawn-task');
      expect(spawn?.taskId).toBe(taskId);
    });
    await expect(store.claim(taskId, 'not-me')).rejects.toMatchObject({ code: 'TASK_ALREADY_CLAIMED' });
    await expect(store.claim(taskId, 'only-me')).resolves.toEqual({ taskId, attempt: 1 });
  });

  it('makes one task of a request that is sent twice, and refuses another one under its id', async () => {
    const id = uuidv4().toUpperCase();
    const task = { ...aTask, id, pool: 'twice' };
    expect((await store.post('/v1/tasks', task)).status).toBe(201);
    const again = await store.post('/v1/tasks', task);
    expect(again).toMatchObject({ status: 200, body: { id: id.toLowerCase() } });
    const other = await store.post('/v1/tasks', { ...task, plan: 'something else' });
    expect(other).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT', path: 'plan' } });
    await eventually(async () => expect(await eventsOf(id.toLowerCase())).toHaveLength(1));
    expect(await store.messages('COMMANDS', 'pool.twice.spawn-task')).toHaveLength(1);
  });

  it.each([
    ['no body', '', 'FIELD_INVALID', 'name'],
    ['half a body', '{"name": ', 'BAD_JSON', undefined],
    ['a list', '[]', 'BAD_JSON', undefined],
    ['no name', { ...aTask, name: undefined }, 'FIELD_INVALID', 'name'],
    ['an empty name', { ...aTask, name: '' }, 'FIELD_INVALID', 'name'],
    ['a name of the wrong type', { ...aTask, name: 1 }, 'FIELD_INVALID', 'name'],
    ['an unknown field', { ...aTask, nmae: 'x' }, 'FIELD_INVALID', 'nmae'],
    ['a NUL', { ...aTask, plan: 'a\0b' }, 'BAD_TEXT', 'plan'],
    ['a list for a text', { ...aTask, plan: ['x'] }, 'FIELD_INVALID', 'plan'],
    ['half of a surrogate pair', { ...aTask, plan: '\ud800' }, 'BAD_TEXT', 'plan'],
    ['a field twice', '{"name":"a","name":"b"}', 'DUPLICATE_KEY', 'name'],
    ['a branch HEAD', { ...aTask, targetBranch: 'HEAD' }, 'BAD_REF', 'targetBranch'],
    ['a branch that reads backwards', { ...aTask, baseBranch: 'a\u202eb' }, 'BAD_REF', 'baseBranch'],
    ['a branch with a control character', { ...aTask, targetBranch: 'a\u009bb' }, 'BAD_REF', 'targetBranch'],
    ['an id that is none', { ...aTask, id: 'mine' }, 'BAD_ID', 'id'],
    ['a pool with a dot', { ...aTask, pool: 'a.b' }, 'BAD_ID', 'pool'],
    ['an unknown choice', { ...aTask, unattended: 'all' }, 'FIELD_INVALID', 'unattended'],
    ['a daemon "*"', { ...aTask, daemonId: '*' }, 'BAD_ID', 'daemonId'],
    ['an option for a URL', { ...aTask, repoUrl: '--upload-pack=x' }, 'BAD_URL', 'repoUrl'],
    ['a URL that runs a command', { ...aTask, repoUrl: 'ext::sh -c x' }, 'PROTOCOL_FORBIDDEN', 'repoUrl'],
    ['a password', { ...aTask, repoUrl: 'https://u:p@example.com/a' }, 'CREDENTIALS_IN_URL', 'repoUrl'],
    ['an option for a branch', { ...aTask, baseBranch: '-f' }, 'BAD_REF', 'baseBranch'],
    ['too long a setup', { ...aTask, setup: 'x'.repeat(4097) }, 'FIELD_INVALID', 'setup'],
    ['a bad target branch', { ...aTask, targetBranch: 'a..b' }, 'BAD_REF', 'targetBranch'],
    [
      'too much history',
      { ...aTask, conversationHistory: 'x'.repeat(1_000_000) },
      'FIELD_INVALID',
      'conversationHistory',
    ],
  ])('refuses %s', async (_name, body, code, path) => {
    const answer = await store.post('/v1/tasks', body);
    expect(answer).toMatchObject({
      status: 400,
      body: { code, status: 400, type: `urn:patchpoint:problem:${code}` },
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.path).toBe(path);
    expect(answer.body.detail).not.toContain('u:p@');
  });

  it('refuses a body over the limit as such', async () => {
    const answer = await store.post('/v1/tasks', { ...aTask, plan: 'x'.repeat(15 * 1024 * 1024) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'MESSAGE_TOO_LARGE' } });
  });
});

describe('GET /v1/tasks', () => {
  it('shows one task, and says when there is none', async () => {
    const id = await store.createTask();
    expect(await store.get(`/v1/tasks/${id}`)).toMatchObject({ status: 200, body: { id } });
    expect(await store.get(`/v1/tasks/${uuidv7()}`)).toMatchObject({
      status: 404,
      body: { code: 'TASK_NOT_FOUND', title: 'Task not found' },
    });
    expect(await store.get('/v1/tasks/nonsense')).toMatchObject({
      status: 400,
      body: { code: 'BAD_ID', path: 'id' },
    });
  });

  it('lists by pages, newest first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift(await store.createTask({ pool: 'paged' }));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: { body: { tasks: TaskSummary[]; nextCursor: string | null } } = await store.get(
        `/v1/tasks?pool=paged&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.tasks.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  it('leaves out what may be large', async () => {
    await store.createTask({ pool: 'large', conversationHistory: ['long'] });
    const { body } = await store.get<{ tasks: object[] }>('/v1/tasks?pool=large');
    expect(body.tasks[0]).toMatchObject({
      name: aTask.name,
      state: 'spawning',
      createdAt: expect.any(String),
    });
    expect(body.tasks[0]).not.toHaveProperty('plan');
    expect(body.tasks[0]).not.toHaveProperty('conversationHistory');
  });

  it('filters by state and daemon', async () => {
    const id = await store.runningTask('filtered');
    const byDaemon = await store.get<{ tasks: TaskSummary[] }>('/v1/tasks?daemon=filtered&state=running');
    expect(byDaemon.body.tasks.map((task) => task.id)).toEqual([id]);
    expect((await store.get('/v1/tasks?daemon=filtered&state=failed')).body.tasks).toEqual([]);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'state=odd', 'cursor=1', 'order=asc'])(
    'refuses ?%s',
    async (query) => {
      expect((await store.get(`/v1/tasks?${query}`)).status).toBe(400);
    },
  );
});

describe('GET /v1/tasks, as a person names a task', () => {
  const found = async (query: string) => {
    const { body } = await store.get<{ tasks: { id: string }[] }>(`/v1/tasks?${query}`);
    return body.tasks.map(({ id }) => id);
  };

  it('finds it by name', async () => {
    const [first, second] = [
      await store.createTask({ name: 'twin' }),
      await store.createTask({ name: 'twin' }),
    ];
    expect(await found('name=twin')).toEqual([second, first]);
    expect(await found(`name=twin&cursor=${second}`)).toEqual([first]);
    expect(await found('name=twi')).toEqual([]);
  });

  it('finds it by the beginning of its id', async () => {
    const id = 'ABCDEF01-2345-4678-9abc-def012345678';
    const other = 'abcdef01-2345-4678-9abc-def012345679';
    await store.createTask({ id });
    await store.createTask({ id: other });
    expect(await found('idPrefix=abcdef')).toEqual([other, id.toLowerCase()]);
    expect(await found('idPrefix=ABCDEF01-23')).toHaveLength(2);
    expect(await found('idPrefix=abcdef0123454')).toHaveLength(2);
    expect(await found(`idPrefix=${other}`)).toEqual([other]);
    expect(await found('idPrefix=abcdef02')).toEqual([]);
    expect(await found(`idPrefix=abcdef&cursor=${other}`)).toEqual([id.toLowerCase()]);
    expect(await found('idSuffix=45679')).toEqual([other]);
    expect(await found('idSuffix=DEF012345679')).toEqual([other]);
    expect(await found('idSuffix=45679&idPrefix=ff')).toEqual([]);
    for (const bad of ['', 'xyz', 'a'.repeat(33)]) {
      expect(await store.get(`/v1/tasks?idPrefix=${bad}`)).toMatchObject({
        status: 400,
        body: { code: 'BAD_ID', path: 'idPrefix' },
      });
    }
  });
});
