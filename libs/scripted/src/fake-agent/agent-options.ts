import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What the command line and the environment ask of the agent. */
export interface AgentOptions {
  /** The id of the conversation that is written. */
  readonly sessionId: string;
  /** The conversation to go on with; the same as `sessionId`, unless it is forked. */
  readonly resumed: string | undefined;
  readonly settingsFile: string | undefined;
  readonly cwd: string;
  readonly home: string;
  readonly modelUrl: string;
  readonly needsLogin: boolean;
  /** Compacts once, after so many tool calls of this process. */
  readonly compactAfter: number | undefined;
}

/** The program refuses to start. No model was asked. */
export class RefusedStartError extends Error {
  override name = 'RefusedStartError';
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws RefusedStartError for arguments that Claude Code refuses as well */
export function agentOptions(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): AgentOptions {
  const { values } = parse(args);
  const { 'session-id': given, resume, 'fork-session': isFork = false } = values;
  if (given === undefined && resume === undefined) {
    throw new RefusedStartError('Give --session-id UUID or --resume UUID.');
  }
  for (const id of [given, resume]) {
    if (id !== undefined && !UUID.test(id)) throw new RefusedStartError(`${id} is not a UUID.`);
  }
  if (isFork !== (given !== undefined && resume !== undefined)) {
    throw new RefusedStartError('--fork-session takes --resume and, for the new session, --session-id.');
  }
  const modelUrl = env['FAKE_AGENT_MODEL_URL'];
  if (!modelUrl) throw new RefusedStartError('FAKE_AGENT_MODEL_URL names no model.');
  const compactAfter = env['FAKE_AGENT_COMPACT_AFTER'];
  return {
    sessionId: given ?? resume!,
    resumed: resume,
    settingsFile: values.settings,
    cwd,
    home: env['FAKE_AGENT_HOME'] || join(homedir(), '.fake-agent'),
    modelUrl,
    needsLogin: env['FAKE_AGENT_NEEDS_LOGIN'] === '1',
    compactAfter: compactAfter === undefined ? undefined : Number(compactAfter),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'session-id': { type: 'string' },
        resume: { type: 'string' },
        'fork-session': { type: 'boolean' },
        settings: { type: 'string' },
      },
    });
  } catch (error) {
    throw new RefusedStartError((error as Error).message);
  }
}
