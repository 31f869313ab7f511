import { fileURLToPath } from 'node:url';

/** How a program is told where to report its own steps. */
export const HOOK_FORMATS = ['claude-code', 'codex'] as const;
export type HookFormat = (typeof HOOK_FORMATS)[number];

/** A program's own steps at which it reports, by the names that both programs use. */
const STEPS = ['PreToolUse', 'PostToolUse', 'Stop', 'PreCompact', 'SessionEnd'] as const;

/**
 * No hook may hold an agent longer than this, whatever becomes of its endpoint: without a time limit of its
 * own, one that hangs blocks Claude Code for minutes (seen with 2.1).
 */
export const HOOK_TIMEOUT_SECONDS = 2;

/**
 * Pure: what a file for `--settings` of Claude Code says: each step is posted to the endpoint. It does not
 * replace the user's own settings, which are read beside it.
 */
export function claudeCodeSettings(endpoint: string): object {
  const hook = { type: 'http', url: endpoint, timeout: HOOK_TIMEOUT_SECONDS };
  const toolSteps = new Set(['PreToolUse', 'PostToolUse']);
  return {
    hooks: Object.fromEntries(
      STEPS.map((step) => [step, [{ ...(toolSteps.has(step) && { matcher: '*' }), hooks: [hook] }]]),
    ),
  };
}

/**
 * Pure: arguments for Codex, whose hooks are commands only: a small program posts its input to the endpoint
 * that its environment names. Without the last argument none of them fires, silently (seen with 0.171).
 *
 * @param command the words of that program
 */
export function codexHookArguments(command: readonly string[]): string[] {
  const line = JSON.stringify(command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' '));
  const settings = STEPS.flatMap((step) => [
    '-c',
    `hooks.${step}=[{hooks=[{type="command",command=${line},timeout=${HOOK_TIMEOUT_SECONDS}}]}]`,
  ]);
  return [...settings, '--dangerously-bypass-hook-trust'];
}

/** What a hook runs that can be nothing but a command. */
export const HOOK_PROGRAM = fileURLToPath(new URL('../hook-program.js', import.meta.url));
