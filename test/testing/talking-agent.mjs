/**
 * A program that keeps its conversation as agent programs do: `start ID` begins one, `resume ID` goes on with
 * it, `fork ID NEW` goes on with a copy of it. Each line that it is told, and each that it answers, is
 * appended to `$CLAUDE_CONFIG_DIR/projects/<slug of the working directory>/ID.jsonl`. It needs the login that
 * lies in its home, and ends with 3 without one.
 *
 * With `--settings FILE` it reports its steps to the HTTP hooks of that file, as Claude Code does.
 *
 * It takes its turns from the file `turns` in its working directory: each line is a shell command, run once
 * it is there; `end` ends it.
 */
import { execSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const [verb, from] = process.argv.slice(2);
const [id, , settingsFile] = process.argv.slice(verb === 'fork' ? 4 : 3);
const { hooks = {} } = settingsFile ? JSON.parse(readFileSync(settingsFile, 'utf8')) : {};
const home = process.env['CLAUDE_CONFIG_DIR'];
const slug = process.cwd().replace(/[^A-Za-z0-9]/g, '-');
const transcriptOf = (sessionId) => join(home, 'projects', slug, `${sessionId}.jsonl`);
const transcript = transcriptOf(id);

if (!existsSync(join(home, 'login.json'))) process.exit(3);
const remembered = verb === 'start' ? [] : linesOf(transcriptOf(from));
if (verb !== 'start' && remembered.length === 0) {
  process.stderr.write(`No conversation found with session ID: ${from}\n`);
  process.exit(1);
}
mkdirSync(dirname(transcript), { recursive: true });
if (verb === 'fork') writeFileSync(transcript, `${remembered.join('\n')}\n`);
say('user', readFileSync(0, 'utf8'));
process.stdout.write(`${verb} ${id}: remembers ${remembered.length} lines\n`);

let turn = remembered.filter((line) => line.includes('"tool_result"')).length;
for (;;) {
  const command = linesOf('turns')[turn];
  if (command === 'end') break;
  if (command === undefined) await wait(50);
  else {
    say('assistant', [{ type: 'tool_use', name: 'run', input: { command } }]);
    await report('PreToolUse', { tool_name: 'run', tool_input: { command } });
    const output = execSync(command, { encoding: 'utf8' });
    await report('PostToolUse', { tool_name: 'run' });
    say('user', [{ type: 'tool_result', content: output }]);
    process.stdout.write(`turn ${(turn += 1)}: ${output.trim()}\n`);
  }
}
say('assistant', 'Done.');
await report('Stop', {});

async function report(step, details) {
  for (const { url, timeout } of (hooks[step] ?? []).flatMap((entry) => entry.hooks)) {
    const body = JSON.stringify({ hook_event_name: step, session_id: id, ...details });
    const signal = AbortSignal.timeout(timeout * 1000);
    await fetch(url, { method: 'POST', body, signal }).catch(() => undefined);
  }
}

function say(role, content) {
  appendFileSync(transcript, `${JSON.stringify({ type: role, message: { role, content } })}\n`);
}

function linesOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}
