import { describe, expect, it } from '@jest/globals';
import { SCOPES, type CreatedToken, type Scope, type TokenPage } from '#contracts';
import { describedOperations } from '../../testing/operations.js';
import { aTask } from '../../testing/running-patch-store.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const ADMIN = { authorization: 'Bearer correct-horse-battery' };
const servers = useServers();
const store = useRunningPatchStore(servers, { apiToken: 'correct-horse-battery' });

/** With an id that nothing has. */
const operations = describedOperations().map(({ operationId, method, path, scopes }) => ({
  operationId,
  method,
  scopes,
  path: path.replace('{id}', '01a20514-a008-7493-afc0-000000000000'),
}));

async function create(scopes: readonly Scope[], headers: Record<string, string> = ADMIN) {
  const { status, body } = await store.post<CreatedToken>('/v1/tokens', { name: 'spec', scopes }, headers);
  expect(status).toBe(201);
  return { ...body, bearer: { authorization: `Bearer ${body.token}` } };
}

async function ask(method: string, path: string, headers: Record<string, string>) {
  const cancel = new AbortController();
  const response = await fetch(store.url + path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    signal: cancel.signal,
  });
  const type = response.headers.get('content-type') ?? '';
  const problem = type.includes('problem') ? ((await response.json()) as Record<string, string>) : {};
  cancel.abort();
  return { status: response.status, code: problem['code'], detail: problem['detail'] };
}

describe('a token with scopes', () => {
  it.each(operations)('lacks one for $operationId, which is refused', async ({ method, path, scopes }) => {
    expect(scopes.length).toBeGreaterThan(0);
    for (const missing of scopes) {
      const others = SCOPES.filter((scope) => scope !== missing && scope !== 'admin');
      const { bearer } = await create(others);
      const answer = await ask(method, path, bearer);
      expect(answer).toMatchObject({ status: 403, code: 'SCOPE_MISSING' });
      expect(answer.detail).toContain(`"${missing}"`);
    }
  });

  it.each(operations)('has all for $operationId, which is answered', async ({ method, path, scopes }) => {
    const { bearer } = await create(scopes);
    expect((await ask(method, path, bearer)).status).not.toBe(403);
  });

  it('is in the database as a digest alone, and looks like one of ours', async () => {
    const { token } = await create(['read']);
    expect(token).toMatch(/^ppt_[\w-]{43}$/);
    const rows = await store.database.manager.query(
      `SELECT t::text AS row FROM api_tokens t UNION ALL SELECT k::text FROM idempotency_keys k`,
    );
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('is kept for no retry', async () => {
    const first = await create(['read'], { ...ADMIN, 'Idempotency-Key': 'once' });
    const second = await create(['read'], { ...ADMIN, 'Idempotency-Key': 'once' });
    expect(second.token).not.toBe(first.token);
  });

  it('opens nothing once it is revoked, and stays in the list', async () => {
    const { id, token, bearer } = await create(['read']);
    expect((await store.get('/v1/tasks', bearer)).status).toBe(200);
    const revoke = () => ask('DELETE', `/v1/tokens/${id}`, ADMIN);
    expect((await revoke()).status).toBe(200);
    expect((await revoke()).status).toBe(200);
    expect((await store.get('/v1/tasks', bearer)).status).toBe(401);
    const { body } = await store.get<TokenPage>('/v1/tokens?limit=200', ADMIN);
    expect(body.tokens.find((each) => each.id === id)?.revokedAt).not.toBeNull();
    expect(JSON.stringify(body)).not.toContain(token);
    const unknown = await ask('DELETE', `/v1/tokens/01a20514-a008-7493-afc0-000000000000`, ADMIN);
    expect(unknown).toMatchObject({ status: 404, code: 'TOKEN_NOT_FOUND' });
  });

  it('with every right is not made for one owner or pool', async () => {
    for (const confined of [{ owner: 'alice' }, { pool: 'gpu' }]) {
      const body = { name: 'spec', scopes: ['read', 'admin'], ...confined };
      expect((await store.post('/v1/tokens', body, ADMIN)).status).toBe(400);
    }
  });

  it('lists page by page', async () => {
    await create(['read']);
    await create(['read']);
    const { body } = await store.get<TokenPage>('/v1/tokens?limit=1', ADMIN);
    const next = await store.get<TokenPage>(`/v1/tokens?limit=1&cursor=${body.nextCursor}`, ADMIN);
    expect(next.body.tokens[0]!.id < body.tokens[0]!.id).toBe(true);
  });

  it.each([[[]], [['root']], [['read', 'read']], ['read']])('is not made with scopes %j', async (scopes) => {
    expect((await store.post('/v1/tokens', { name: 'spec', scopes }, ADMIN)).status).toBe(400);
  });

  it("is not given another's answer under the same Idempotency-Key", async () => {
    const [one, other] = [await create(['operate']), await create(['operate'])];
    const key = { 'Idempotency-Key': 'shared' };
    expect((await store.post('/v1/tasks', aTask, { ...one.bearer, ...key })).status).toBe(201);
    expect((await store.post('/v1/tasks', aTask, { ...other.bearer, ...key })).status).toBe(422);
  });
});
