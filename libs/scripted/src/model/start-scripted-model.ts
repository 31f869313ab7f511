import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Api } from './api.js';
import type { Loose } from './conversation.js';
import { geminiApi } from './gemini-api/gemini-api.js';
import { messagesApi } from './messages-api/messages-api.js';
import { modelRequest, type ModelRequest } from './model-request.js';
import { ASIDE, nextAnswer } from './next-answer.js';
import { RequestLog } from './request-log.js';
import { responsesApi } from './responses-api/responses-api.js';
import type { Script } from './script.js';

export interface ScriptedModelOptions {
  /** What it does; or what it does in the conversation that a request holds. */
  readonly script: Script | ((request: ModelRequest) => Script);
  /** Default: a free one. */
  readonly port?: number;
  /** Its address cannot be guessed, and nobody else is answered. */
  readonly isPrivate?: boolean;
}

export interface ScriptedModel {
  /**
   * `http://127.0.0.1:PORT`, and a secret path if it is private: Anthropic's and Gemini's base URL. OpenAI's is
   * the same with `/v1`.
   */
  readonly url: string;
  /** Every request so far, oldest first, asides included. */
  requests(): readonly ModelRequest[];
  /**
   * The first request, of those so far or to come, that `isWanted`; asides are not asked.
   *
   * @throws Error after `timeoutMs` (default: 60,000), with what was asked instead
   */
  waitForRequest(isWanted?: (request: ModelRequest) => boolean, timeoutMs?: number): Promise<ModelRequest>;
  /** Cuts the connections that are open. */
  stop(): Promise<void>;
}

const apis: Readonly<Record<string, Api>> = { '/v1/messages': messagesApi, '/v1/responses': responsesApi };

const GEMINI_PATH = /^\/v1beta\/models\/[^/]+:(generate|streamGenerate)Content$/;

/** Starts a model on loopback that follows a script, for any program that speaks one of the APIs. */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const { script, port = 0, isPrivate = false } = options;
  const secret = isPrivate ? `/${randomBytes(24).toString('base64url')}` : '';
  const log = new RequestLog();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      sendJson(response, 400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: String(error) },
      });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path } = new URL(request.url!, 'http://localhost');
    const pathname = path.startsWith(`${secret}/`) ? path.slice(secret.length) : '';
    if (pathname === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 10 });
    const gemini = GEMINI_PATH.exec(pathname);
    const api = gemini ? geminiApi : apis[pathname];
    if (api === undefined || request.method !== 'POST') {
      return sendJson(response, 404, {
        type: 'error',
        error: { type: 'not_found_error', message: pathname },
      });
    }
    const body = (await json(request)) as Loose;
    const conversation = api.read(body);
    const asked = modelRequest(api, body, conversation, request.headers);
    log.add(asked);
    const steps = typeof script === 'function' ? script(asked) : script;
    const next = asked.isAside ? { say: ASIDE } : nextAnswer(steps, conversation);
    const isStream = body['stream'] === true || gemini?.[1] === 'streamGenerate';
    if (isStream) sendEvents(response, api.events(next, body));
    else sendJson(response, 200, api.whole(next, body));
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${secret}`,
    requests: () => log.all(),
    waitForRequest: (isWanted, timeoutMs) => log.waitFor(isWanted, timeoutMs),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function sendJson(response: ServerResponse, status: number, body: Loose): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Server-sent events. Where they have names, the data repeats them. */
function sendEvents(response: ServerResponse, events: readonly Loose[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of events) {
    const name = event['type'] === undefined ? '' : `event: ${event['type']}\n`;
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}
