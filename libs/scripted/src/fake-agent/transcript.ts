import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefusedStartError } from './agent-options.js';

/** A block of a message, as the Messages API has it. */
export type Block =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  | { type: 'tool_result'; tool_use_id: string; content: string; is_error?: boolean };

export interface Message {
  role: 'user' | 'assistant';
  content: Block[];
}

interface Line {
  type: string;
  message?: Message;
}

/** The conversation, in memory and on disk: a file to which lines are only ever appended. */
export class Transcript {
  private constructor(
    readonly file: string,
    readonly sessionId: string,
    private readonly cwd: string,
    private readonly known: Message[],
  ) {}

  /** A new conversation. Its file comes with its first line. */
  static start(home: string, cwd: string, sessionId: string): Transcript {
    const file = transcriptFile(home, cwd, sessionId);
    if (existsSync(file)) throw new RefusedStartError(`Session ID ${sessionId} is already in use.`);
    return new Transcript(file, sessionId, cwd, []);
  }

  /**
   * The conversation as its file has it, but for a last line that was cut and calls without a result.
   *
   * @throws RefusedStartError without a file for this working directory, or without a whole message in it
   */
  static resume(home: string, cwd: string, sessionId: string): Transcript {
    const file = transcriptFile(home, cwd, sessionId);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const messages = text.split('\n').flatMap((line) => messageOf(line) ?? []);
    if (messages.length === 0)
      throw new RefusedStartError(`No conversation found with session ID: ${sessionId}`);
    // What follows a cut line must not become a part of it.
    if (!text.endsWith('\n')) appendFileSync(file, '\n');
    return new Transcript(file, sessionId, cwd, withoutOpenCalls(messages));
  }

  /** The same conversation under another id, in a file of its own. */
  fork(home: string, sessionId: string): Transcript {
    const fork = Transcript.start(home, this.cwd, sessionId);
    for (const message of this.known) fork.add(message);
    return fork;
  }

  messages(): readonly Message[] {
    return this.known;
  }

  /** Returns once the line is written, so that a kill loses nothing of what has been done. */
  add(message: Message): void {
    this.known.push(message);
    this.append({ type: message.role, message });
  }

  /** A line that is no message. */
  note(subtype: string): void {
    this.append({ type: 'system', subtype });
  }

  private append(line: Line & Record<string, unknown>): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const { sessionId, cwd } = this;
    const whole = { ...line, uuid: randomUUID(), sessionId, cwd, timestamp: new Date().toISOString() };
    appendFileSync(this.file, `${JSON.stringify(whole)}\n`, { mode: 0o600 });
  }
}

function transcriptFile(home: string, cwd: string, sessionId: string): string {
  return join(home, 'projects', cwd.replaceAll(/[^A-Za-z0-9]/g, '-'), `${sessionId}.jsonl`);
}

function messageOf(line: string): Message | undefined {
  try {
    return (JSON.parse(line) as Line).message;
  } catch {
    return undefined; // cut in the middle, or empty
  }
}

/** A call that was interrupted has no result, and the API refuses a conversation with such a call. */
function withoutOpenCalls(messages: readonly Message[]): Message[] {
  const blocks = messages.flatMap(({ content }) => content);
  const answered = new Set(blocks.map((block) => block.type === 'tool_result' && block.tool_use_id));
  return messages.filter(({ content }) =>
    content.every((block) => block.type !== 'tool_use' || answered.has(block.id)),
  );
}
