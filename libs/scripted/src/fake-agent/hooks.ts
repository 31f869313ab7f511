import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

export type HookEvent =
  'UserPromptSubmit' | 'PreToolUse' | 'PostToolUse' | 'Stop' | 'PreCompact' | 'SessionEnd';

/** A hook of a settings file, in the words of Claude Code. */
export interface Hook {
  readonly type: 'http' | 'command';
  readonly url?: string;
  readonly command?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The variables that may stand in a header, as `$NAME` or `${NAME}`. */
  readonly allowedEnvVars?: readonly string[];
}

export type HookSettings = Partial<
  Record<HookEvent, readonly { readonly matcher?: string; readonly hooks: readonly Hook[] }[]>
>;

/** As Claude Code: whoever sets no timeout waits for minutes. */
const DEFAULT_TIMEOUT_SECONDS = 600;

export function readHooks(settingsFile: string | undefined): HookSettings {
  if (settingsFile === undefined) return {};
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as { hooks?: HookSettings };
  return settings.hooks ?? {};
}

/**
 * Runs the hooks of an event whose matcher fits, all at once, and resolves to why one of them denies it. A
 * hook that fails, answers rubbish or exceeds its timeout denies nothing.
 */
export async function runHooks(
  settings: HookSettings,
  event: HookEvent,
  fields: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<string | undefined> {
  const subject = String(fields['tool_name'] ?? fields['trigger'] ?? '');
  const hooks = (settings[event] ?? [])
    .filter(({ matcher }) => fits(matcher, subject))
    .flatMap(({ hooks }) => hooks);
  const input = JSON.stringify({ ...fields, hook_event_name: event, cwd });
  const denials = await Promise.all(hooks.map((hook) => runHook(hook, input, cwd).catch(() => undefined)));
  return denials.find((denial) => denial !== undefined);
}

/** No matcher, an empty one and `*` fit everything. */
function fits(matcher: string | undefined, subject: string): boolean {
  return !matcher || matcher === '*' || new RegExp(`^(?:${matcher})$`).test(subject);
}

async function runHook(hook: Hook, input: string, cwd: string): Promise<string | undefined> {
  const timeoutMs = (hook.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  return hook.type === 'http' ? post(hook, input, timeoutMs) : runCommand(hook, input, cwd, timeoutMs);
}

async function post(hook: Hook, body: string, timeoutMs: number): Promise<string | undefined> {
  const headers = Object.entries(hook.headers ?? {}).map(([name, value]) => [name, filled(value, hook)]);
  const response = await fetch(hook.url!, {
    method: 'POST',
    headers: { ...Object.fromEntries(headers), 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return response.ok ? denialOf(await response.text()) : undefined;
}

function filled(value: string, { allowedEnvVars = [] }: Hook): string {
  return value.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare!;
    return allowedEnvVars.includes(name) ? (process.env[name] ?? '') : '';
  });
}

/** Exit code 2 denies, with the reason on standard error. */
async function runCommand(
  hook: Hook,
  input: string,
  cwd: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const child = spawn('/bin/sh', ['-c', hook.command!], { cwd, detached: true });
  child.stdin.on('error', () => {}); // it need not read
  child.stdin.end(input);
  const timer = new AbortController();
  const ended = Promise.all([text(child.stdout), text(child.stderr)]).then(async ([output, errors]) => {
    const code = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));
    return code === 2 ? errors.trim() || 'A hook denies it.' : denialOf(output);
  });
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    process.kill(-child.pid!, 'SIGKILL');
    return undefined;
  });
  try {
    return await Promise.race([ended, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

function denialOf(output: string): string | undefined {
  if (output.trim() === '') return undefined;
  const { decision, reason, hookSpecificOutput } = JSON.parse(output) as {
    decision?: string;
    reason?: string;
    hookSpecificOutput?: { permissionDecision?: string; permissionDecisionReason?: string };
  };
  if (hookSpecificOutput?.permissionDecision === 'deny') {
    return hookSpecificOutput.permissionDecisionReason ?? 'A hook denies it.';
  }
  return decision === 'block' ? (reason ?? 'A hook denies it.') : undefined;
}
