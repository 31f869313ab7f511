import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { MCP_PROGRAM } from '#agents';
import { withExamples } from '../../shell/server-command.js';

/** `patchpoint mcp`: the tools of a task for the agent program that runs in it. */
export function mcpCommand(): Command {
  return withExamples(new Command('mcp'), [
    `claude --mcp-config '{"mcpServers": {"patchpoint": {"command": "patchpoint", "args": ["mcp"]}}}'`,
  ])
    .description(
      'serve the tools of a task to its agent program, over MCP on standard input and output; built-in runners do so themselves',
    )
    .action(async () => {
      await import(pathToFileURL(MCP_PROGRAM).href);
    });
}
