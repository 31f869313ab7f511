import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { compose, Conversation, MAX_CONVERSATION_FILES, type ConversationFile } from '#contracts';
import { temporaryFolder } from '#testing';
import { BUILT_IN_RUNNERS } from '../runners/built-in-runners.js';
import { cwdSlugOf, pathExpression, type ConversationPlace } from './conversation-place.js';
import { placeConversation } from './place-conversation.js';
import { readConversation, type SentConversation } from './read-conversation.js';
import { openTaskHome } from './task-home.js';

const SESSION = '0b0cbb5e-5a4e-4b8e-9a6e-0d6e3b2d1c11';
const NOTHING = { sent: [], stored: [] };
const claude = BUILT_IN_RUNNERS['claude-code']!.conversation!;
const codex = BUILT_IN_RUNNERS['codex']!.conversation!;
const gemini = BUILT_IN_RUNNERS['gemini-cli']!.conversation!;

const placeIn = (home: string, cwdSlug = '-srv-here'): ConversationPlace => ({
  home,
  sessionId: SESSION,
  cwdSlug,
  worktreeDir: '/srv/here',
  environment: {},
});

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

describe('a conversation on disk', () => {
  let home: string;
  beforeEach(() => {
    home = temporaryFolder();
  });

  it('is read in whole lines, with those of sub-agents after it, and nothing else of the home', async () => {
    write(join(home, `projects/-srv-here/${SESSION}.jsonl`), '{"a":1}\n{"b":2}\n{"cut');
    write(join(home, `projects/-srv-here/${SESSION}/subagents/agent-1.jsonl`), '{"sub":1}\n');
    write(join(home, 'projects/-srv-here/another.jsonl'), '{"not": "mine"}\n');
    write(join(home, '.credentials.json'), 'secret');
    write(join(home, 'settings.json'), 'settings');
    const read = await readConversation('claude-code', claude, placeIn(home), NOTHING);
    expect(read!.conversation).toMatchObject({
      runner: 'claude-code',
      sessionId: SESSION,
      linesCount: 3,
      files: [
        { path: `projects/{cwdSlug}/${SESSION}.jsonl`, lengthBytes: 16, fromByte: 0 },
        { path: `projects/{cwdSlug}/${SESSION}/subagents/agent-1.jsonl`, lengthBytes: 10 },
      ],
    });
    expect(gunzipSync(read!.data).toString()).toBe('{"a":1}\n{"b":2}\n{"sub":1}\n');
  });

  it.each([
    ['claude-code', claude, `projects/-srv-here/${SESSION}.jsonl`],
    ['codex', codex, `sessions/2026/11/27/rollout-2026-11-27T10-00-00-${SESSION}.jsonl`],
    ['gemini-cli', gemini, '.gemini/tmp/here/chats/session-2026-11-27T10-00-0b0cbb5e.jsonl'],
  ])('of %s never holds a file of credentials, nor what a link leads to', async (name, rule, transcript) => {
    const secrets = ['.credentials.json', 'auth.json', 'config.toml', '.env', 'history.jsonl', 'log/a.log'];
    secrets.push('.gemini/oauth_creds.json', '.gemini/.env', '.gemini/tmp/here/logs.json');
    for (const secret of secrets) write(join(home, secret), 'secret\n');
    const outside = join(temporaryFolder(), 'secret.jsonl');
    write(outside, '{"secret": true}\n');
    write(join(home, transcript), '{"said": 1}\n');
    for (const kind of ['rollout', 'session']) {
      symlinkSync(outside, join(home, dirname(transcript), `${kind}-linked-${SESSION}.jsonl`));
    }
    const read = await readConversation(name, rule, placeIn(home), NOTHING);
    expect(read!.conversation.files).toHaveLength(1);
    expect(gunzipSync(read!.data).toString()).toBe('{"said": 1}\n');
  });

  it.each([`${'x'.repeat(250)}.json`, '-rf.jsonl', 'a\nb.jsonl', 'ü.jsonl'])(
    'is read without a file whose name could not be stored: %j',
    async (name) => {
      write(join(home, `projects/-srv-here/${SESSION}.jsonl`), '{"a":1}\n');
      write(join(home, `projects/-srv-here/${SESSION}/subagents/${name}`), '{"b":1}\n');
      const read = await readConversation('claude-code', claude, placeIn(home), NOTHING);
      expect(read!.conversation.files.map(({ path }) => path)).toEqual([
        `projects/{cwdSlug}/${SESSION}.jsonl`,
      ]);
    },
  );

  it('is read with the first files of very many, the agent’s own among them', async () => {
    write(join(home, `projects/-srv-here/${SESSION}.jsonl`), '{"a":1}\n');
    for (let at = 0; at < 150; at += 1) {
      write(join(home, `projects/-srv-here/${SESSION}/subagents/${at}.jsonl`), '{"b":1}\n');
    }
    const { conversation } = (await readConversation('claude-code', claude, placeIn(home), NOTHING))!;
    expect(conversation.files).toHaveLength(MAX_CONVERSATION_FILES);
    expect(conversation.files[0]!.path).toBe(`projects/{cwdSlug}/${SESSION}.jsonl`);
  });

  it('is carried in steps of whole lines, each on top of the one before', async () => {
    const path = join(home, `projects/-srv-here/${SESSION}.jsonl`);
    const line = `${'x'.repeat(1_000_000)}\n`;
    write(path, line.repeat(20));
    let before: SentConversation = NOTHING;
    const lengths: number[] = [];
    for (let step = 1; step <= 3; step += 1) {
      const { conversation, data } = (await readConversation('claude-code', claude, placeIn(home), before))!;
      const [file] = conversation.files;
      expect(gunzipSync(data).length).toBe(file!.lengthBytes - file!.fromByte);
      lengths.push(file!.lengthBytes / line.length);
      before = { sent: conversation.files, stored: conversation.files };
    }
    expect(lengths).toEqual([8, 16, 20]);
  });

  it('is missed when its file became a link, and not taken for one that never began', async () => {
    const path = join(home, `projects/-srv-here/${SESSION}.jsonl`);
    write(path, '{"a":1}\n');
    const { conversation } = (await readConversation('claude-code', claude, placeIn(home), NOTHING))!;
    rmSync(path);
    symlinkSync('/etc/passwd', path);
    const before = { sent: conversation.files, stored: conversation.files };
    await expect(readConversation('claude-code', claude, placeIn(home), before)).rejects.toThrow('are gone');
  });

  it('is nothing while nothing was said', async () => {
    expect(await readConversation('claude-code', claude, placeIn(home), NOTHING)).toBeUndefined();
    write(join(home, `projects/-srv-here/${SESSION}.jsonl`), '{"cut');
    expect(await readConversation('claude-code', claude, placeIn(home), NOTHING)).toBeUndefined();
  });

  it('is placed for another working directory, whole or not at all', async () => {
    write(join(home, `projects/-srv-here/${SESSION}.jsonl`), '{"a":1}\n');
    write(join(home, `projects/-srv-here/${SESSION}/subagents/agent-1.jsonl`), '{"sub":1}\n');
    const { conversation } = (await readConversation('claude-code', claude, placeIn(home), NOTHING))!;
    const bytes = (path: string): Buffer => readFileSync(join(home, path.replace('{cwdSlug}', '-srv-here')));
    const slice = async (path: string, offset: number): Promise<Buffer> =>
      bytes(path).subarray(offset, offset + 3);

    const there = placeIn(temporaryFolder(), '-srv-there');
    await placeConversation(conversation, claude, there, slice);
    const placed = join(there.home, `projects/-srv-there/${SESSION}.jsonl`);
    expect(readFileSync(placed, 'utf8')).toBe('{"a":1}\n');

    const nowhere = placeIn(temporaryFolder(), '-work-nowhere');
    const damaged = async (path: string, offset: number): Promise<Buffer> =>
      path.includes('subagents') ? Buffer.from('{"sub":2}\n').subarray(offset) : slice(path, offset);
    await expect(placeConversation(conversation, claude, nowhere, damaged)).rejects.toThrow('digest differs');
    const left = readdirSync(nowhere.home, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });

  it('is not placed where its program would not look for it', async () => {
    const file: ConversationFile = {
      path: 'settings.json',
      lengthBytes: 1,
      sha256: 'a'.repeat(64),
      generation: 1,
    };
    const conversation = { runner: 'claude-code', sessionId: SESSION, linesCount: 1, files: [file] };
    const read = async (): Promise<Buffer> => Buffer.from('x');
    await expect(placeConversation(conversation, claude, placeIn(home), read)).rejects.toThrow(
      'settings.json is no file of a conversation',
    );
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('the paths of a conversation', () => {
  it.each(['../a', 'a/../b', '/a', 'a//b', './a', '-rf', 'a/-b', 'a\\b', 'a\nb', ''])(
    'cannot be %j',
    (path) => {
      const file = { path, lengthBytes: 1, sha256: 'a'.repeat(64), generation: 1 };
      const fields = { runner: 'claude-code', sessionId: SESSION, linesCount: 1, files: [file] };
      expect(() => compose(Conversation, fields)).toThrow(/files\.0\.path/);
    },
  );

  it.each([
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/{sessionId}.jsonl', `a/${SESSION}.jsonl`, true],
    ['a/{sessionId}.jsonl', `a/${SESSION}xjsonl`, false],
    ['{cwdSlug}/a', '-srv-here/a', true],
    ['{cwdSlug}/a', 'other/a', false],
  ])('%s stands for %s: %s', (pattern, path, expected) => {
    expect(pathExpression(pattern, placeIn('/home')).test(path)).toBe(expected);
  });

  it('contain the working directory as Claude Code writes it', async () => {
    const folder = join(temporaryFolder(), 'my_task.1');
    mkdirSync(folder);
    expect(await cwdSlugOf(folder)).toMatch(/^-.*-my-task-1$/);
  });
});

describe('the home of a task', () => {
  it('links what the program needs of the usual one, and is the same the next time', async () => {
    const [homes, usual] = [temporaryFolder(), temporaryFolder()];
    write(join(usual, '.credentials.json'), 'secret');
    write(join(usual, 'projects/a/old.jsonl'), 'of another conversation');
    const open = () => openTaskHome(homes, 'task', claude, usual);
    expect(await open()).toBe(await open());
    expect(readdirSync(await open())).toEqual(['.credentials.json']);
    expect(readFileSync(join(await open(), '.credentials.json'), 'utf8')).toBe('secret');
  });
});
