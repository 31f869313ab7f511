/**
 * A program that behaves as Claude Code does in what Patchpoint relies on, and needs a scripted model instead
 * of an account:
 *
 *   FAKE_AGENT_MODEL_URL=http://127.0.0.1:… node dist/libs/scripted/src/fake-agent/main.js --session-id UUID
 *
 * The prompt comes on standard input, JSON lines go to standard output. `--resume UUID` goes on with a
 * conversation, with `--fork-session --session-id UUID` under another id; `--settings FILE` declares hooks.
 * The conversation is `$FAKE_AGENT_HOME/projects/<slug>/<UUID>.jsonl` (`~/.fake-agent` by default); the slug
 * is the working directory with a dash for every character that is no letter or digit. With
 * FAKE_AGENT_NEEDS_LOGIN=1 it wants `$FAKE_AGENT_HOME/credentials.json`; with FAKE_AGENT_COMPACT_AFTER=N it
 * compacts after N tool calls.
 *
 * Exit code 0 at the model's last word; 1 with a line on standard error when it refuses to start or the model
 * does not answer.
 */
import { text } from 'node:stream/consumers';
import { agentOptions } from './agent-options.js';
import { FakeAgent } from './fake-agent.js';

try {
  const options = agentOptions(process.argv.slice(2), process.env, process.cwd());
  const agent = new FakeAgent(options, (line) => process.stdout.write(`${JSON.stringify(line)}\n`));
  await agent.run(await text(process.stdin));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
