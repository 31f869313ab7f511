import { request as httpRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { RunningPatchStore } from '../../testing/running-patch-store.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const TOKEN = 'correct-horse-battery';
const servers = useServers();
const open = useRunningPatchStore(servers);
const guarded = useRunningPatchStore(servers, { apiToken: TOKEN });

/** Unlike `fetch`, sends paths and headers as they are given. */
const rawStatus = (store: RunningPatchStore, path: string, headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    httpRequest(store.url, { path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });

describe('with a token', () => {
  it('answers those who bring it', async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await guarded.get('/v1/tasks', headers)).status).toBe(200);
    expect((await guarded.get('/v1/tasks', { authorization: `bearer ${TOKEN}` })).status).toBe(200);
  });

  it.each([undefined, '', 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN])(
    'refuses %j',
    async (authorization) => {
      const answer = await guarded.get('/v1/tasks', authorization === undefined ? {} : { authorization });
      expect(answer).toMatchObject({ status: 401, body: { status: 401, title: 'Unauthorized' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="patchpoint"');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.body['detail']).toMatch(/PATCHPOINT_API_TOKEN.*credentials\/api-token/);
    },
  );

  it('reads no body of a stranger, and does not tell what there is', async () => {
    expect((await guarded.post('/v1/tasks', '{"half')).status).toBe(401);
    expect((await guarded.get('/v1/nothing')).status).toBe(401);
    expect((await guarded.get('/V1/tasks')).status).toBe(401);
    expect((await guarded.get('//v1/tasks')).status).toBe(401);
    expect((await guarded.get('/healthz/../v1/tasks')).status).toBe(401);
  });

  it('opens the page to try the API, and what that needs, and nothing beside it', async () => {
    const page = await guarded.get<string>('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const needed = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(needed).toHaveLength(4);
    for (const path of needed) {
      const { status, headers } = await guarded.get(path);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^(?:image\/png|text\/css|text\/javascript)/);
    }
    const { body: start } = await guarded.get<string>('/docs/start.js');
    expect(start).toContain("'/openapi.json'");
    expect(page.body + start).not.toMatch(/https?:/);
    for (const path of ['/docs/package.json', '/docs/..', '/docs/../v1/tasks', '/docs/../v1/tasks.js/x']) {
      expect(await rawStatus(guarded, path, {})).toBe(401);
    }
  });

  it('leaves probes and metrics open', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
      await eventually(async () => expect((await guarded.get(path)).status).toBe(200));
    }
  });
});

describe('without a token', () => {
  const status = (headers: Record<string, string>) => rawStatus(open, '/v1/tasks', headers);

  it('answers programs of this machine', async () => {
    for (const Host of ['localhost:1', '127.0.0.1', '[::1]:8080', 'LOCALHOST']) {
      expect(await status({ Host })).toBe(200);
    }
    expect(await status({ 'Sec-Fetch-Site': 'same-origin' })).toBe(200);
    expect(await status({ Origin: 'http://localhost:5173' })).toBe(200);
  });

  it('refuses what a web page makes a browser ask', async () => {
    expect(await status({ Host: 'rebound.example.com' })).toBe(403);
    expect(await status({ Origin: 'https://example.com' })).toBe(403);
    expect(await status({ Origin: 'null' })).toBe(403);
    expect(await status({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
  });

  it.each([
    'x@localhost',
    'localhost/x',
    'localhost?x',
    'localhost#',
    '0x7f.1',
    '127.1',
    'localhost:',
    'localhost:1:2',
  ])('takes the name %j for no loopback name', async (Host) =>
    expect(await status({ Host })).toBeGreaterThanOrEqual(400),
  );

  it('takes an origin as it is written', async () => {
    expect(await status({ Origin: 'http://x@localhost' })).toBe(403);
    expect(await status({ Origin: 'https://localhost:5173' })).toBe(200);
  });
});

describe('what HTTP itself forbids', () => {
  it('is a problem too', async () => {
    const wrongMethod = await open.put('/v1/tasks', {});
    expect(wrongMethod).toMatchObject({
      status: 405,
      body: {
        title: 'Method Not Allowed',
        detail: '/v1/tasks does not support PUT, only GET, POST.',
      },
    });
    expect(wrongMethod.headers.get('allow')).toBe('GET, POST');
    expect((await open.put('/v1/daemons', {})).headers.get('allow')).toBe('GET');
    expect((await open.get('/v1/nothing')).status).toBe(404);
    const text = await open.post('/v1/tasks', 'name=x', { 'Content-Type': 'text/plain' });
    expect(text).toMatchObject({ status: 415, body: { title: 'Unsupported Media Type' } });
    expect(text.headers.get('content-type')).toBe('application/problem+json');
    expect((await open.get('/v1/tasks/%E0%A4%A')).status).toBe(400);
  });
});

describe('beside the API', () => {
  it('answers unknown routes with a problem too', async () => {
    const { status, headers, body } = await open.get('/v1/nothing');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
  });

  it('is alive, ready, and counts', async () => {
    expect((await open.get('/healthz')).status).toBe(200);
    await eventually(async () =>
      expect(await open.get('/readyz')).toMatchObject({
        status: 200,
        body: { info: { postgres: { status: 'up' }, nats: { status: 'up' } } },
      }),
    );
    const { body } = await open.get<string>('/metrics');
    expect(body).toMatch(/^patchpoint_tasks_spawned_total \d+$/m);
  });
});
