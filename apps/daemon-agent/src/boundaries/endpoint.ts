import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AGENT_TOOLS, type AgentToolName } from '#contracts';
import type { AddressInfo } from 'node:net';

/** More than a program says of a step, other than of the file that it writes: then the rest is not needed. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Below the time limit of a hook, so that an answer comes before it. */
const ANSWER_WITHIN_MILLISECONDS = 1_800;

/** Hears a step of one task. Resolves when the program may go on; may take any time, or fail. */
export type OnStep = (step: unknown) => Promise<void>;

/** Answers a tool that the agent of one task calls. Throws an Error whose message is for the agent. */
export type OnTool = (name: AgentToolName, input: unknown) => Promise<unknown>;

interface Listener {
  onStep: OnStep;
  onTool: OnTool;
}

const noTools: OnTool = () => Promise.reject(new Error('This task has no tools.'));

/**
 * A private address for each task, on loopback, where its agent program reports its steps. Nobody can guess
 * it, and it can do no more than ask for checkpoints of that task, and for files from them.
 *
 * Every step is answered with 204 within the budget of a hook: an agent is never held longer, and never
 * fails, whatever becomes of its checkpoint.
 */
export class Endpoint {
  private readonly listeners = new Map<string, Listener>();
  private server: Server | undefined;
  private opening: Promise<string> | undefined;

  /** @returns the address, and how to close it; the first call opens the server */
  async open(onStep: OnStep, onTool = noTools): Promise<{ url: string; close: () => void }> {
    this.opening ??= this.listen();
    const origin = await this.opening;
    const secret = randomBytes(24).toString('base64url');
    this.listeners.set(secret, { onStep, onTool });
    return { url: `${origin}/${secret}`, close: () => void this.listeners.delete(secret) };
  }

  /** May be called twice. */
  stop(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private listen(): Promise<string> {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.unref();
    return new Promise((resolve, reject) => {
      this.server!.once('error', reject);
      this.server!.listen(0, '127.0.0.1', () => {
        const { port } = this.server!.address() as AddressInfo;
        resolve(`http://127.0.0.1:${port}`);
      });
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, secret = '', ...path] = request.url?.split('/') ?? [];
    const listener = this.listeners.get(secret);
    if (listener === undefined || request.method !== 'POST') return void response.writeHead(404).end();
    if (path.length === 0) return answerStep(listener, request, response);
    const name = AGENT_TOOLS.find((tool) => path.join('/') === `tools/${tool}`);
    if (name === undefined) return void response.writeHead(404).end();
    return answerTool(name, listener, request, response);
  }
}

async function answerStep(
  { onStep }: Listener,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, ANSWER_WITHIN_MILLISECONDS).unref());
  const heard = readJson(request)
    .then(onStep)
    .catch(() => undefined);
  await Promise.race([heard, late]);
  response.writeHead(204).end();
}

/** An agent waits for the answer to a tool that it called. */
async function answerTool(
  name: AgentToolName,
  { onTool }: Listener,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await readJson(request)
    .then((input) => onTool(name, input ?? {}))
    .then(
      (result) => ({ status: 200, body: { result } }),
      (error: Error) => ({ status: 422, body: { error: error.message } }),
    );
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
}

/** Undefined for what is not JSON, or too long. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (sizeBytes > MAX_BODY_BYTES) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}
