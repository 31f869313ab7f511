/**
 * An agent program that only talks: its transcript begins with as many bytes as the file `$TALK_FILE` holds
 * at its start, and grows to each larger number that is written there. `random` letters shrink to three
 * quarters, as the output of tools at its worst does; `code` is what agents mostly read and write.
 *
 *   node growing-agent.js SESSION_ID code|random
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageFolder } from '#runtime';

const LINE_BYTES = 4096;

const [sessionId, contents] = process.argv.slice(2) as [string, 'code' | 'random'];
const talkFile = process.env['TALK_FILE']!;
const slug = process.cwd().replaceAll(/[^A-Za-z0-9]/g, '-');
const transcript = join(process.env['TALK_HOME']!, 'projects', slug, `${sessionId}.jsonl`);
mkdirSync(dirname(transcript), { recursive: true });
const nextText = contents === 'random' ? randomText : readCode();
for (let length = 0; ; await sleep(20)) {
  const wanted = Number(readFileSync(talkFile, 'utf8'));
  if (wanted < 0) break;
  let lines = '';
  while (length + lines.length < wanted) lines += line();
  if (lines !== '') appendFileSync(transcript, lines);
  length += lines.length;
}

/** As Claude Code writes it, in ASCII: a byte for each character. */
function line(): string {
  const content = [{ tool_use_id: randomUUID(), type: 'tool_result', content: nextText(LINE_BYTES - 400) }];
  const about = { parentUuid: randomUUID(), uuid: randomUUID(), sessionId, cwd: process.cwd() };
  const timestamp = new Date().toISOString();
  return `${JSON.stringify({ ...about, timestamp, type: 'user', message: { role: 'user', content } })}\n`;
}

function randomText(length: number): string {
  return randomBytes(Math.ceil(length * 0.75))
    .toString('base64')
    .slice(0, length);
}

/** The sources of this repository, from the beginning again when they are at their end. */
function readCode(): (length: number) => string {
  const folder = join(packageFolder(), 'libs');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const code = files.map((path) => readFileSync(join(folder, path), 'latin1')).join('');
  const ascii = code.replaceAll(/[^\n\x20-\x7e]/g, '?');
  let at = 0;
  return (length) => {
    if (at + length > ascii.length) at = 0;
    at += length;
    return ascii.slice(at - length, at);
  };
}
