import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { MAX_LISTED_CHECKPOINTS, type AgentToolName } from '#contracts';
import { patchpointVersion } from '#runtime';

const number = z.number().int().positive().describe('The number of a checkpoint, as list_checkpoints has it');

/** Each as a program is offered it. Their inputs are those of `libs/contracts/src/rpc/agent-tools.ts`. */
const TOOLS: Readonly<Record<AgentToolName, { description: string; inputSchema: z.ZodRawShape }>> = {
  checkpoint: {
    description:
      'Keep the present state of the worktree and of this conversation as a checkpoint. Use it before a risky step.',
    inputSchema: { message: z.string().max(8000).optional().describe('What this state is, for people') },
  },
  list_checkpoints: {
    description: 'List the checkpoints of this task, the newest first.',
    inputSchema: {
      before: number.optional().describe('Only checkpoints with a lower number than this'),
      limit: z.number().int().positive().max(MAX_LISTED_CHECKPOINTS).optional(),
    },
  },
  show_checkpoint: {
    description: 'Show a checkpoint: in which files it differs from its base commit, and what it left out.',
    inputSchema: { number },
  },
  restore_paths: {
    description:
      'Bring files or folders back into the worktree as they were in a checkpoint. They replace what is there, of which a checkpoint is made first.',
    inputSchema: {
      number,
      paths: z.array(z.string()).min(1).max(100).describe('From the top of the worktree'),
    },
  },
  recovery_brief: {
    description:
      'What happened to this worktree before this start: what was restored and from when, and what was not.',
    inputSchema: {},
  },
};

/** Serves the tools until standard input ends. A tool that fails is answered with the reason. */
export async function serveTools(endpoint: string): Promise<void> {
  const server = new McpServer({ name: 'patchpoint', version: patchpointVersion() });
  for (const [name, tool] of Object.entries(TOOLS)) {
    server.registerTool(name, tool, (input: unknown) => callTool(endpoint, name, input));
  }
  await server.connect(new StdioServerTransport());
}

async function callTool(endpoint: string, name: string, input: unknown): Promise<CallToolResult> {
  try {
    const response = await fetch(`${endpoint}/tools/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const answer = (await response.json()) as { result?: unknown; error?: string };
    if (!response.ok) return failed(answer.error ?? `The daemon answered ${response.status}.`);
    return { content: [{ type: 'text', text: textOf(answer.result) }] };
  } catch (error) {
    return failed(`The daemon cannot be reached: ${(error as Error).message}`);
  }
}

function textOf(result: unknown): string {
  return typeof result === 'string' ? result : JSON.stringify(result, null, 1);
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}
