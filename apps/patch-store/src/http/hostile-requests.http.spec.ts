import { request as httpRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { aTask } from '../../testing/running-patch-store.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore(useServers());

interface Problem {
  status: number;
  code?: string;
  path?: string;
  detail: string;
}

/** Sends bytes and headers as they are given. */
function send(
  method: string,
  path: string,
  body: Uint8Array | string = '',
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const all = { 'content-type': 'application/json', 'content-length': String(length), ...headers };
    const request = httpRequest(store.url, { method, path, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const taskWith = (field: string): string => `${JSON.stringify(aTask).slice(0, -1)},${field}}`;

describe('a body', () => {
  it.each<[string, Uint8Array | string, number, string | undefined, string | undefined]>([
    ['in bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'BAD_JSON', undefined],
    ['that is a text', '"text"', 400, 'BAD_JSON', undefined],
    ['nested 3,000 times', taskWith(`"a":${nested(3000)}`), 400, 'TOO_DEEP', expect.any(String) as never],
    ['nested a million times', nested(1_000_000), 400, 'TOO_DEEP', expect.any(String) as never],
    [
      'with 60,000 fields',
      taskWith(Array.from({ length: 60_000 }, (_, n) => `"a${n}":1`).join(',')),
      400,
      'TOO_MANY_VALUES',
      'a49995',
    ],
    [
      'with a field `constructor`',
      taskWith('"constructor":{"name":"x"}'),
      400,
      'FIELD_INVALID',
      'constructor',
    ],
    ['with a field `__proto__`', taskWith('"__proto__":{"isAdmin":true}'), 400, 'FIELD_INVALID', '__proto__'],
    ['with a field `toString`', taskWith('"toString":1'), 400, 'FIELD_INVALID', 'toString'],
    [
      'with an object for a text',
      taskWith('"setup":{"constructor":null,"toString":1}'),
      400,
      'FIELD_INVALID',
      'setup',
    ],
    ['with a list for a choice', taskWith('"isSupervisor":[true]'), 400, 'FIELD_INVALID', 'isSupervisor'],
    ['with half of a character', taskWith('"setup":"\\ud83d"'), 400, 'BAD_TEXT', 'setup'],
  ])('%s is refused with a code', async (_, body, status, code, path) => {
    const answer = await send('POST', '/v1/tasks', body);
    const problem = JSON.parse(answer.body) as Problem;
    expect(problem).toMatchObject({ status, code });
    expect(problem.path).toEqual(path);
    expect(problem.detail.length).toBeLessThan(500);
    const keyed = await send('POST', '/v1/tasks', body, { 'idempotency-key': uuidv7() });
    expect(keyed.status).toBe(status);
  });

  it.each([
    [`"checkpointNumber":1e400`, 'BAD_NUMBER'],
    [`"checkpointNumber":9007199254740993`, 'BAD_NUMBER'],
    [`"checkpointNumber":2147483648`, 'FIELD_INVALID'],
    [`"checkpointNumber":1.5`, 'FIELD_INVALID'],
    [`"checkpointNumber":"1"`, 'FIELD_INVALID'],
    [`"checkpointNumber":null`, undefined],
  ])('with the number %s is refused as %s', async (field, code) => {
    const answer = await send('POST', `/v1/tasks/${uuidv7()}/fork`, `{${field}}`);
    const problem = JSON.parse(answer.body) as Problem;
    expect(problem).toMatchObject(code === undefined ? { status: 404 } : { code, path: 'checkpointNumber' });
  });

  it.each([
    ['text/plain', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/jsonx', 415],
    ['APPLICATION/JSON ; Charset="UTF-8"', 201],
  ])('as %s is answered with %i', async (type, status) => {
    const answer = await send('POST', '/v1/tasks', JSON.stringify(aTask), { 'content-type': type });
    expect(answer.status).toBe(status);
  });

  it('in an unknown encoding, or in none that it is said to have, is refused', async () => {
    const body = JSON.stringify(aTask);
    expect((await send('POST', '/v1/tasks', body, { 'content-encoding': 'rot13' })).status).toBe(415);
    expect((await send('POST', '/v1/tasks', body, { 'content-encoding': 'gzip' })).status).toBe(400);
  });
});

describe('a query', () => {
  it.each([
    ['/v1/events?since=2024-W05', 'since'],
    ['/v1/events?since=2024-123', 'since'],
    ['/v1/events?since=20240101T000000Z', 'since'],
    ['/v1/events?since=0000-01-01', 'since'],
    ['/v1/events?since=2024-02-30', 'since'],
    ['/v1/events?since=yesterday', 'since'],
    ['/v1/events?since=2024-01-01&since=2024-01-02', 'since'],
    ['/v1/events?kind[]=task-lost', 'kind[]'],
    ['/v1/events?__proto__=1', '__proto__'],
    ['/v1/tasks?limit=1000000000', 'limit'],
    ['/v1/tasks?limit=-1', 'limit'],
    ['/v1/tasks?limit=1e2', 'limit'],
    ['/v1/tasks?limit=', 'limit'],
    ['/v1/tasks?limit=1&limit=2', 'limit'],
    ['/v1/tasks?name=a&name=b', 'name'],
    ['/v1/tasks?name=%00', 'name'],
    ['/v1/tasks?pool=a&pool=b', 'pool'],
    ['/v1/tasks?idPrefix=0&idPrefix=1', 'idPrefix'],
    ['/v1/tasks?constructor=x', 'constructor'],
    ['/v1/dead-letters?code=NONE', 'code'],
    ['/v1/dead-letters?limit=201', 'limit'],
  ])('%s is refused with the field', async (path, field) => {
    const { status, body } = await send('GET', path);
    expect({ status, path: (JSON.parse(body) as Problem).path }).toEqual({ status: 400, path: field });
  });

  it.each(['1970-01-01', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.123456789+02:00', '2999-01-01T00:00Z'])(
    'since=%s begins a stream',
    async (since) => {
      const response = await fetch(`${store.url}/v1/events?since=${encodeURIComponent(since)}`);
      expect(response.status).toBe(200);
      await response.body!.cancel();
    },
  );

  it.each([
    '/v1/tasks/%FF',
    '/v1/tasks/%00',
    `/v1/tasks/${'x'.repeat(8000)}`,
    '/v1/patches/..%2f..',
    '/v1/tasks/a/checkpoints/1e9',
  ])('and the path %s are no error of the server', async (path) => {
    expect((await send('GET', path)).status).toBeLessThan(500);
  });
});

describe('HEAD', () => {
  it.each(['/v1/tasks', '/v1/events', '/v1/daemons', '/v1/dead-letters'])(
    'of %s is answered and ends',
    async (path) => {
      expect(await send('HEAD', path)).toEqual({ status: 200, body: '' });
    },
  );
});
