import type { Entry, Tool } from './conversation.js';

type Call = { tool: string; input: Record<string, unknown> };

/** The tool for shell commands of each program, and what it takes. */
const shells: Readonly<Record<string, (command: string) => Record<string, unknown>>> = {
  run: (command) => ({ command }), // the fake agent
  Bash: (command) => ({ command, description: 'Does a step of the script' }), // Claude Code
  bash: (command) => ({ command, description: 'Does a step of the script' }), // opencode
  run_shell_command: (command) => ({ command, description: 'Does a step of the script' }), // gemini-cli
  exec_command: (cmd) => ({ cmd, yield_time_ms: 30_000 }), // Codex, which allows no more
  shell_command: (command) => ({ command, timeout_ms: 600_000 }), // Codex, for some models
  shell: (command) => ({ command: ['sh', '-c', command], timeout_ms: 600_000 }), // Codex, for older models
};

/** Whether the request comes from an agent at work: only then may it run commands. */
export function offersShell(tools: readonly Tool[]): boolean {
  return tools.some(({ name }) => Object.hasOwn(shells, name));
}

/** @throws Error when the program offers no tool for shell commands that is known here */
export function shellCall(command: string, tools: readonly Tool[]): Call {
  const tool = tools.find(({ name }) => Object.hasOwn(shells, name))?.name;
  if (tool === undefined) {
    throw new Error(`Cannot run a command: the program offers ${tools.map(({ name }) => name).join(', ')}.`);
  }
  return { tool, input: shells[tool]!(command) };
}

/** Codex gives the result of a command that runs longer than it waits when it is asked again. */
export function callForMore({ kind, text }: Entry): Call | undefined {
  const session = kind === 'result' ? /^Process running with session ID (\d+)$/m.exec(text)?.[1] : undefined;
  if (session === undefined) return undefined;
  return { tool: 'write_stdin', input: { session_id: Number(session), chars: '', yield_time_ms: 30_000 } };
}
