import { describe, expect, it } from '@jest/globals';
import { AGENT_TOOLS } from '#contracts';
import { BUILT_IN_RUNNERS } from './built-in-runners.js';
import { invocation } from './invocation.js';
import { MCP_FORMATS, mcpArguments } from './mcp-tools.js';

const command = ['/usr/bin/node', '/opt/a b/mcp-program.js'];

describe('the tools of a task', () => {
  it('are offered to Claude Code, which may call them unasked', () => {
    const [, config, ...allowed] = mcpArguments('claude-code', command, true);
    expect(JSON.parse(config!)).toEqual({
      mcpServers: { patchpoint: { command: command[0], args: [command[1]] } },
    });
    expect(allowed).toEqual(['--allowedTools', 'mcp__patchpoint']);
  });

  it('are offered to Codex, with the address in its environment alone', () => {
    expect(mcpArguments('codex', command, true)).toEqual([
      '-c',
      'mcp_servers.patchpoint.command="/usr/bin/node"',
      '-c',
      'mcp_servers.patchpoint.args=["/opt/a b/mcp-program.js"]',
      '-c',
      'mcp_servers.patchpoint.env_vars=["PATCHPOINT_ENDPOINT"]',
      '-c',
      'mcp_servers.patchpoint.default_tools_approval_mode="approve"',
    ]);
  });

  it.each(MCP_FORMATS)('change nothing where %s may only read', (format) => {
    const said = mcpArguments(format, command, false).join(' ');
    expect(said).not.toContain('restore_paths');
    for (const tool of AGENT_TOOLS) if (tool !== 'restore_paths') expect(said).toContain(tool);
  });

  it.each(MCP_FORMATS)('are given to %s at each start', (name) => {
    const context = { plan: '', planFile: '', resumed: false, unattended: 'full' as const, continues: false };
    for (const more of [{}, { continues: true }, { forkedSessionId: 'a' }]) {
      const given = { ...context, ...more, mcpArguments: ['tools'] };
      expect(invocation(BUILT_IN_RUNNERS[name]!, given).args).toContain('tools');
    }
  });
});
