import type { Credentials } from './network.js';
import { runGit } from '../run/run-git.js';

/**
 * The credentials that the user's credential helper has for an https source; undefined if it has none. For
 * programs that a person runs: unlike everything else here it reads the user's configuration and starts the
 * helper that is named there. Never prompts.
 */
export async function askCredentialHelper(
  sourceUrl: string,
  signal?: AbortSignal,
): Promise<Credentials | undefined> {
  if (!sourceUrl.startsWith('https://')) return undefined;
  const { protocol, host, pathname } = new URL(sourceUrl);
  const { stdout } = await runGit({
    purpose: `asking git's credential helper for ${host}`,
    args: ['credential', 'fill'],
    input: Buffer.from(`protocol=${protocol.slice(0, -1)}\nhost=${host}\npath=${pathname.slice(1)}\n\n`),
    environment: { ...ownEnvironment(), GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '' },
    expectedExitCodes: [0, 128],
    signal,
  });
  const answer = new Map(
    stdout
      .toString('utf8')
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const [username, password] = [answer.get('username'), answer.get('password')];
  return username === undefined || password === undefined ? undefined : { username, password };
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
