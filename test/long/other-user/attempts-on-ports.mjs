import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { nkeyAuthenticator, nkeys, connect } from '@nats-io/transport-node';
import { Client } from 'pg';

const PATIENCE_MILLISECONDS = 15_000;
const GUESSES = [undefined, 'guess', '0123456789abcdef', 'patchpoint', 'undefined', ''];

/** Every operation of the API, by method and path, as its description has them. */
export const operations = Object.entries(
  JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')).paths,
).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
    .map((method) => ({ method: method.toUpperCase(), path })),
);

/** What anybody may ask. */
export const OPEN_PATHS = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs'];

/** Each returns what it got. */
export function attemptsOnPorts(target) {
  const { server, apps, natsUrl, postgresPort, ports, secrets, taskId } = target;
  const revealed = (text) => secrets.find((secret) => text.includes(secret));
  const attempts = {};
  for (const { method, path } of operations.filter((each) => !OPEN_PATHS.includes(each.path))) {
    attempts[`ask ${method} ${path}`] = () => ask(server + path.replaceAll(/\{[^}]+\}/g, taskId), method);
  }
  for (const path of OPEN_PATHS) {
    attempts[`find a secret in what ${path} answers`] = async () => {
      let answered = 0;
      for (const app of apps) {
        const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
        const response = await fetch(app + path, { signal }).catch(() => undefined);
        if (response === undefined) continue; // the demo has killed it
        answered += 1;
        const found = revealed(await response.text());
        if (found !== undefined) return `${app}${path} says ${found}`;
      }
      return answered < 5 ? `only ${answered} apps answered` : undefined;
    };
  }
  return {
    ...attempts,
    'ask any port for what is only for its owner': () => askEach(ports, [server, ...apps], revealed),
    'speak on NATS as nobody in particular': () => onNats(natsUrl, {}),
    'speak on NATS as a user that it guesses': () => onNats(natsUrl, { user: 'services', pass: 'services' }),
    'speak on NATS with a token that it guesses': () => onNats(natsUrl, { token: 'patchpoint' }),
    'speak on NATS with a key of its own': () =>
      onNats(natsUrl, { authenticator: nkeyAuthenticator(nkeys.createUser().getSeed()) }),
    'speak on NATS before it is asked who it is': () => rudelyOnNats(natsUrl),
    'log in to Postgres without a password': () => onPostgres(postgresPort, { password: '' }),
    'log in to Postgres with a password that it guesses': () =>
      onPostgres(postgresPort, { password: 'patchpoint' }),
    'log in to Postgres as another user': () =>
      onPostgres(postgresPort, { user: 'postgres', password: 'postgres' }),
    'log in to Postgres as itself': () => onPostgres(postgresPort, { user: 'nobody', password: '' }),
  };
}

/** @returns the first answer that is not a refusal for want of the token */
async function ask(url, method) {
  for (const guess of GUESSES) {
    const headers = {
      'content-type': 'application/json',
      ...(guess !== undefined && { authorization: `Bearer ${guess}` }),
    };
    const body = method === 'GET' ? undefined : '{}';
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    const response = await fetch(url, { method, headers, body, signal });
    if (response.status !== 401) return `${response.status}: ${(await response.text()).slice(0, 200)}`;
    await response.body?.cancel();
  }
  return undefined;
}

/** A port where more is said than that there is nothing, or that a token is missing. */
async function askEach(ports, known, revealed) {
  const isKnown = (port) => known.some((url) => url.endsWith(`:${port}`));
  for (const port of ports) {
    for (const [method, path] of [
      ['GET', '/'],
      ['POST', '/'],
      ['GET', '/v1/tasks'],
      ['POST', '/v1/messages'],
      ['POST', '/guess/tools/checkpoint'],
      ['POST', '/guess'],
    ]) {
      const body = method === 'POST' ? '{"messages": [], "tools": []}' : undefined;
      const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body, signal }).catch(
        () => undefined,
      );
      if (response === undefined) continue; // it does not speak HTTP
      const said = await response.text();
      const isRefused = [401, 404, 415].includes(response.status);
      if (!isRefused || revealed(said))
        return `${isKnown(port) ? '' : 'unknown '}port ${port} ${path}: ${response.status} ${said.slice(0, 200)}`;
    }
  }
  return ports.length < 5 ? `only ${ports.length} ports were tried` : undefined;
}

async function onNats(servers, login) {
  try {
    const connection = await connect({ servers, ...login, reconnect: false, timeout: PATIENCE_MILLISECONDS });
    await connection.close();
    return 'connected';
  } catch (error) {
    return /authorization|authentication/i.test(String(error)) ? undefined : String(error);
  }
}

/** Sends commands without waiting for what the server asks. */
function rudelyOnNats(url) {
  return new Promise((resolve) => {
    let said = '';
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (data) => (said += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const isRefused = said.includes('Authorization Violation') && !said.includes('MSG');
      resolve(isRefused ? undefined : said.slice(0, 300));
    });
    socket.write('SUB > 1\r\nPUB $JS.API.STREAM.NAMES reply 0\r\n\r\nCONNECT {"verbose":false}\r\nPING\r\n');
    setTimeout(() => socket.destroy(), PATIENCE_MILLISECONDS).unref();
  });
}

async function onPostgres(port, login) {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'patchpoint',
    database: 'postgres',
    ...login,
    connectionTimeoutMillis: PATIENCE_MILLISECONDS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query('SELECT current_user');
    return JSON.stringify(rows);
  } catch (error) {
    return /password/i.test(String(error)) ? undefined : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
