import type { IncomingHttpHeaders } from 'node:http';
import type { Api } from './api.js';
import type { Conversation, Entry, Loose } from './conversation.js';
import { finishedSteps } from './next-answer.js';
import { offersShell } from './shell-call.js';

/** A request as the model remembers it. */
export interface ModelRequest {
  readonly at: Date;
  readonly api: Api['name'];
  /** It is not the work itself: the program may run no command with the answer (a title, a summary). */
  readonly isAside: boolean;
  /** How many messages, or items of the Responses API, it held. */
  readonly messageCount: number;
  /** Their roles, in order: one for each text, call and result. */
  readonly roles: readonly string[];
  readonly entries: readonly Entry[];
  /** The texts of all entries, a line or more for each. */
  readonly text: string;
  readonly toolResultCount: number;
  /** The names of the steps whose results it held, in that order. */
  readonly finishedSteps: readonly string[];
  /** The names of the tools that the program offers. */
  readonly tools: readonly string[];
  /** The program's own id of the conversation, if a header names it. */
  readonly sessionId: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Loose;
}

/** Pure: what is worth remembering of a request. */
export function modelRequest(
  api: Api,
  body: Loose,
  conversation: Conversation,
  headers: IncomingHttpHeaders,
): ModelRequest {
  const { entries, tools } = conversation;
  return {
    at: new Date(),
    api: api.name,
    isAside: !offersShell(tools),
    messageCount: api.count(body),
    roles: entries.map(({ role }) => role),
    entries,
    text: entries.map(({ text }) => text).join('\n'),
    toolResultCount: entries.filter(({ kind }) => kind === 'result').length,
    finishedSteps: finishedSteps(conversation),
    tools: tools.map(({ name }) => name),
    sessionId: sessionOf(headers),
    headers,
    body,
  };
}

/** Claude Code and the fake agent; Codex; opencode. */
const SESSION_HEADERS = [
  'x-claude-code-session-id',
  'thread-id',
  'session-id',
  'x-session-id',
  'session_id',
  'conversation_id',
];

function sessionOf(headers: IncomingHttpHeaders): string | undefined {
  const found = SESSION_HEADERS.map((name) => headers[name]).find((value) => value !== undefined);
  return typeof found === 'string' ? found : undefined;
}
