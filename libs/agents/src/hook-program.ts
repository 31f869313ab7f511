/**
 * Posts what a program says of its step, on standard input, to `$PATCHPOINT_ENDPOINT`, and waits for the
 * answer. Prints nothing and always exits with 0: a hook must never get in the way of its agent.
 */
import { request } from 'node:http';
import { HOOK_TIMEOUT_SECONDS } from './runners/hooks.js';

const endpoint = process.env['PATCHPOINT_ENDPOINT'];
if (endpoint !== undefined) {
  const giveUp = setTimeout(() => process.exit(0), HOOK_TIMEOUT_SECONDS * 900);
  giveUp.unref();
  const asked = request(endpoint, { method: 'POST', headers: { 'content-type': 'application/json' } });
  asked.on('error', () => process.exit(0));
  asked.on('response', (answer) => answer.resume().on('end', () => process.exit(0)));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.pipe(asked);
}
