import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface HttpsOrigin {
  url: string;
  /** The certificate that a client must trust. */
  certificateFile: string;
  /** The requests, with the status of each answer. */
  requests: string[];
  stop: () => Promise<void>;
}

/**
 * Serves a bare repository over https with git's own backend, to clients with the password, and redirects
 * `/moved/…`.
 */
export async function startHttpsOrigin(
  scratchDir: string,
  repositoryDir: string,
  credentials: { username: string; password: string },
): Promise<HttpsOrigin> {
  const keyFile = join(scratchDir, 'key.pem');
  const certificateFile = join(scratchDir, 'certificate.pem');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      keyFile,
      '-out',
      certificateFile,
    ],
    { stdio: 'pipe' },
  );
  const expected = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  const requests: string[] = [];
  const server = createServer(
    { key: readFileSync(keyFile), cert: readFileSync(certificateFile) },
    (request, response) => {
      response.on('finish', () => requests.push(`${request.method} ${request.url} ${response.statusCode}`));
      if (request.url?.startsWith('/moved/')) {
        response.writeHead(302, { location: request.url.replace('/moved/', '/repo/') }).end();
      } else if (request.headers.authorization === expected) {
        runBackend(repositoryDir, request, response);
      } else {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="origin"' }).end();
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/repo/x.git`,
    certificateFile,
    requests,
    stop: () => stop(server),
  };
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** CGI, as far as git's backend requires it. */
function runBackend(repositoryDir: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, 'https://host');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GIT_CONFIG_KEY_1: 'http.receivepack',
      GIT_CONFIG_VALUE_1: 'true',
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROJECT_ROOT: repositoryDir,
      PATH_INFO: url.pathname.replace('/repo/x.git', ''),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    for (const header of output.toString('latin1', 0, end).split('\r\n')) {
      const [name, value] = header.split(': ', 2) as [string, string];
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(output.subarray(end + 4));
  });
}
