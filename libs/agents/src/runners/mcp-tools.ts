import { fileURLToPath } from 'node:url';

/** How a program is told of the tools of its task. */
export const MCP_FORMATS = ['claude-code', 'codex'] as const;
export type McpFormat = (typeof MCP_FORMATS)[number];

/** The name of the server, as programs show it. */
const SERVER = 'patchpoint';

/** What serves the tools: `patchpoint mcp` runs it too. */
export const MCP_PROGRAM = fileURLToPath(new URL('../mcp-program.js', import.meta.url));

/** Tools that change nothing in the worktree. */
const HARMLESS = ['checkpoint', 'list_checkpoints', 'show_checkpoint', 'recovery_brief'];

/**
 * Pure: arguments that offer a program the tools of its task. None holds the address of its endpoint, which
 * others on the machine could read there: Claude Code passes its whole environment on, Codex what is named.
 *
 * @param command the words of the server's program
 * @param mayWrite also the tool that changes files of the worktree
 */
export function mcpArguments(format: McpFormat, command: readonly string[], mayWrite: boolean): string[] {
  const [program, ...args] = command as [string, ...string[]];
  switch (format) {
    case 'claude-code': {
      const config = JSON.stringify({ mcpServers: { [SERVER]: { command: program, args } } });
      const allowed = mayWrite ? [`mcp__${SERVER}`] : HARMLESS.map((tool) => `mcp__${SERVER}__${tool}`);
      return ['--mcp-config', config, '--allowedTools', ...allowed];
    }
    case 'codex': {
      const settings = [
        `command=${JSON.stringify(program)}`,
        `args=${JSON.stringify(args)}`,
        'env_vars=["PATCHPOINT_ENDPOINT"]',
        // Otherwise each call would need an answer that nobody gives (seen with 0.171).
        'default_tools_approval_mode="approve"',
        ...(mayWrite ? [] : [`enabled_tools=${JSON.stringify(HARMLESS)}`]),
      ];
      return settings.flatMap((setting) => ['-c', `mcp_servers.${SERVER}.${setting}`]);
    }
  }
}
