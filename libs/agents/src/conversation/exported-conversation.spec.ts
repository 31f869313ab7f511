import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_CONVERSATION_STEP_BYTES, type Conversation } from '#contracts';
import { temporaryFolder } from '#testing';
import type { ConversationHome } from '../runners/runner.js';
import type { ConversationPlace } from './conversation-place.js';
import { inLines } from './export-conversation.js';
import { placeConversation } from './place-conversation.js';
import { readableConversation, readConversation, type SentConversation } from './read-conversation.js';
import { runCommand } from './run-command.js';

const NOTHING = { sent: [], stored: [] };

/** A program that keeps its conversations in files named by their id, and prints and takes them. */
const rule: ConversationHome = {
  variable: 'STORE',
  usual: '~/.store',
  passOn: ['auth.json'],
  commands: {
    export: ['sh', '-c', 'cat "$STORE/$0.json"', '{sessionId}'],
    import: ['sh', '-c', 'stat -c %a "$0" > mode; cp "$0" "$STORE/one.json"; echo "$0" > place', '{file}'],
  },
};

let place: ConversationPlace;
beforeEach(() => {
  const home = temporaryFolder();
  const environment = { PATH: process.env['PATH']!, STORE: home };
  place = { home, sessionId: 'one', cwdSlug: 'w', worktreeDir: temporaryFolder(), environment };
});

const said = (...texts: string[]) => ({
  info: { id: 'one' },
  messages: texts.map((text) => ({ info: { role: 'user' }, parts: [{ type: 'text', text }] })),
});
const record = (value: object) => writeFileSync(join(place.home, 'one.json'), JSON.stringify(value, null, 2));
const read = (before: SentConversation = NOTHING) => readConversation('own', rule, place, before);

describe('a conversation that its program exports', () => {
  it('is what the program prints, with a line for each message, and nothing else of the home', async () => {
    record(said('first', 'second'));
    writeFileSync(join(place.home, 'auth.json'), 'secret');
    const { conversation, data } = (await read())!;
    expect(conversation).toMatchObject({ sessionId: 'one', linesCount: 5 });
    expect(conversation.files).toMatchObject([{ path: 'exported.json', generation: 1, fromByte: 0 }]);
    const text = gunzipSync(data).toString();
    expect(JSON.parse(text)).toEqual(said('first', 'second'));
    expect(text).not.toContain('secret');
    expect(await readableConversation(rule, place)).toBe('## user\n\nfirst\n\n## user\n\nsecond\n\n');
  });

  it('is carried whole when it changed, and not again when it did not', async () => {
    record(said('first'));
    const first = (await read())!;
    const { files } = first.conversation;
    const before = { sent: files, stored: files };
    const same = (await read(before))!;
    expect(same.digest).toBe(first.digest);
    expect(gunzipSync(same.data)).toHaveLength(0);
    record(said('first', 'second'));
    const changed = (await read(before))!;
    expect(changed.conversation.files).toMatchObject([{ generation: 2, fromByte: 0 }]);
    expect(JSON.parse(gunzipSync(changed.data).toString())).toEqual(said('first', 'second'));
  });

  it('is no conversation when the program has none, or it is more than a checkpoint carries', async () => {
    await expect(read()).rejects.toThrow('`sh -c` ended with exit code 1: cat: ');
    record(said('x'.repeat(MAX_CONVERSATION_STEP_BYTES)));
    await expect(read()).rejects.toThrow(/^its export has \d+ bytes; 8388608 are carried$/);
  });
});

describe('an exported conversation, placed again', () => {
  const take = async (conversation: Conversation, bytes: Buffer) =>
    placeConversation(conversation, rule, place, async (_, offset) => bytes.subarray(offset));

  it('is given to the program in a private file, in the worktree, and leaves nothing else behind', async () => {
    record(said('first'));
    const { conversation, data } = (await read())!;
    const bytes = gunzipSync(data);
    writeFileSync(join(place.home, 'one.json'), '');
    await take(conversation, bytes);
    expect(readFileSync(join(place.home, 'one.json'))).toEqual(bytes);
    expect(readFileSync(join(place.worktreeDir, 'mode'), 'utf8')).toBe('600\n');
    expect(existsSync(readFileSync(join(place.worktreeDir, 'place'), 'utf8').trim())).toBe(false);
  });

  it('is not given when it is not what was captured', async () => {
    record(said('first'));
    const { conversation } = (await read())!;
    const { lengthBytes } = conversation.files[0]!;
    await expect(take(conversation, Buffer.alloc(lengthBytes))).rejects.toThrow('its digest differs');
    const files = [{ ...conversation.files[0]!, path: 'settings.json' }];
    await expect(take({ ...conversation, files }, Buffer.alloc(1))).rejects.toThrow(
      'no file of a conversation',
    );
    expect(existsSync(join(place.worktreeDir, 'place'))).toBe(false);
  });

  it('is refused where the program refuses it', async () => {
    record(said('first'));
    const { conversation, data } = (await read())!;
    const refusing = {
      ...rule,
      commands: { ...rule.commands!, import: ['sh', '-c', 'echo no >&2; exit 3'] },
    };
    const bytes = gunzipSync(data);
    const placed = placeConversation(conversation, refusing, place, async (_, at) => bytes.subarray(at));
    await expect(placed).rejects.toThrow('`sh -c` ended with exit code 3: no');
  });
});

describe('a command of a program', () => {
  const run = (script: string, timeoutMilliseconds = 60_000, maxBytes = 1000) =>
    runCommand(['sh', '-c', script], place, { timeoutMilliseconds, maxBytes });

  it('is ended with what it started when it does not end', async () => {
    await expect(run('sleep 600 & sleep 600', 200)).rejects.toThrow('`sh -c` did not end within 0.2 s');
  });

  it('has ended when it leaves something behind that keeps its output open', async () => {
    expect((await run('sleep 600 & echo done')).toString()).toBe('done\n');
  });

  it('prints no more than there is room for', async () => {
    await expect(run('yes')).rejects.toThrow('printed more than 1000 bytes');
  });

  it('says why it failed in its own last words, without their colours', async () => {
    const failing = run(String.raw`echo first >&2; printf '\033[91mError:\033[0m none\n' >&2; exit 4`);
    await expect(failing).rejects.toThrow(/ended with exit code 4: Error: none$/);
    const missing = runCommand(['no-such-program'], place, { timeoutMilliseconds: 60_000, maxBytes: 1 });
    await expect(missing).rejects.toThrow(/`no-such-program` could not be run: .*ENOENT/);
  });

  it('gets the variables of its place and no others', async () => {
    mkdirSync(join(place.worktreeDir, 'sub'));
    process.env['OF_THE_DAEMON'] = 'secret';
    try {
      const printed = await run('ls; echo "$STORE ${OF_THE_DAEMON-none}"; env | grep ^PWD=');
      expect(printed.toString()).toBe(`sub\n${place.home} none\nPWD=${place.worktreeDir}\n`);
    } finally {
      delete process.env['OF_THE_DAEMON'];
    }
  });
});

it.each(['', 'plain text\n', '[1]', '5', '{"cut": '])('%j is left as it is', (text) => {
  expect(inLines(text)).toBe(text);
});
