import type { ScriptedModel } from '#scripted';
import { temporaryFolder } from '#testing';
import type { AgentCommand } from './agent-process.js';

/** What opencode needs to ask a scripted model, with everything that it writes below `home`. */
export function opencodeEnvironment(model: ScriptedModel, home: string): Record<string, string> {
  const scripted = {
    npm: '@ai-sdk/anthropic', // comes with it
    options: { baseURL: `${model.url}/v1`, apiKey: 'dummy' },
    models: { scripted: {} },
  };
  return {
    HOME: home,
    OPENCODE_CONFIG_CONTENT: JSON.stringify({ model: 'scripted/scripted', provider: { scripted } }),
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
  };
}

/** A home and a working directory of opencode, as one machine has them. */
export class Opencode {
  readonly home: string;
  readonly cwd: string;

  /** @param machine that of another one: the same, asking another model */
  constructor(
    private readonly model: ScriptedModel,
    machine?: Opencode,
  ) {
    this.home = machine?.home ?? temporaryFolder();
    this.cwd = machine?.cwd ?? temporaryFolder();
  }

  /** Prints JSON lines, the first of which names the session, and takes the prompt from standard input. */
  run(...args: string[]): AgentCommand {
    return this.command('run', '--format', 'json', ...args);
  }

  command(...args: string[]): AgentCommand {
    const environment = opencodeEnvironment(this.model, this.home);
    return { program: 'opencode', args, environment, cwd: this.cwd, prompt: 'Go on.' };
  }
}
