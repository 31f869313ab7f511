import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedStartError, type AgentOptions } from './agent-options.js';
import { askModel } from './ask-model.js';
import { readHooks, runHooks, type HookEvent, type HookSettings } from './hooks.js';
import { runCommand } from './run-command.js';
import { Transcript, type Block } from './transcript.js';

type ToolUse = Extract<Block, { type: 'tool_use' }>;
type ToolResult = Extract<Block, { type: 'tool_result' }>;

/** One run of the agent: from a prompt to the model's last word. */
export class FakeAgent {
  private readonly transcript: Transcript;
  private readonly hooks: HookSettings;
  private calls = 0;

  /** @throws RefusedStartError without a login, or for a conversation that cannot be gone on with */
  constructor(
    private readonly options: AgentOptions,
    private readonly print: (line: object) => void,
  ) {
    const { home, cwd, resumed, sessionId, needsLogin, settingsFile } = options;
    if (needsLogin && !existsSync(join(home, 'credentials.json'))) {
      throw new RefusedStartError('Not logged in.');
    }
    this.hooks = readHooks(settingsFile);
    this.transcript =
      resumed === undefined ? Transcript.start(home, cwd, sessionId) : Transcript.resume(home, cwd, resumed);
    if (resumed !== undefined && resumed !== sessionId)
      this.transcript = this.transcript.fork(home, sessionId);
  }

  /** @throws Error when the model gives no answer; the conversation so far is on disk */
  async run(prompt: string): Promise<void> {
    this.say({ type: 'system', subtype: 'init', cwd: this.options.cwd, tools: ['run'] });
    await this.hook('UserPromptSubmit', { prompt });
    this.transcript.add({ role: 'user', content: [{ type: 'text', text: prompt }] });
    const result = await this.turn();
    await this.hook('Stop', { stop_hook_active: false });
    this.say({ type: 'result', subtype: 'success', is_error: false, result });
    await this.hook('SessionEnd', { reason: 'other' });
  }

  /** Asks and obeys, until the model asks for nothing more. Resolves to what it said last. */
  private async turn(): Promise<string> {
    for (;;) {
      const { modelUrl, sessionId } = this.options;
      const message = await askModel(modelUrl, sessionId, this.transcript.messages());
      this.transcript.add(message);
      this.say({ type: 'assistant', message });
      const calls = message.content.filter((block): block is ToolUse => block.type === 'tool_use');
      if (calls.length === 0)
        return message.content.map((block) => ('text' in block ? block.text : '')).join('');
      for (const call of calls) await this.obey(call);
    }
  }

  private async obey(call: ToolUse): Promise<void> {
    const result = await this.resultOf(call);
    this.transcript.add({ role: 'user', content: [result] });
    this.say({ type: 'user', message: { role: 'user', content: [result] } });
    this.calls += 1;
    if (this.calls === this.options.compactAfter) await this.compact();
  }

  private async resultOf(call: ToolUse): Promise<ToolResult> {
    const about = { tool_name: call.name, tool_input: call.input, tool_use_id: call.id };
    const denial = await this.hook('PreToolUse', about);
    if (denial !== undefined)
      return { type: 'tool_result', tool_use_id: call.id, content: denial, is_error: true };
    const { output, isError } = await runCommand(String(call.input['command']), this.options.cwd);
    await this.hook('PostToolUse', {
      ...about,
      tool_response: { stdout: output, stderr: '', interrupted: false },
    });
    return { type: 'tool_result', tool_use_id: call.id, content: output, is_error: isError };
  }

  /** As far as others see it: the hook, and a line in the transcript. The conversation stays whole. */
  private async compact(): Promise<void> {
    await this.hook('PreCompact', { trigger: 'auto', custom_instructions: '' });
    this.transcript.note('compact_boundary');
    this.say({ type: 'system', subtype: 'compact_boundary' });
  }

  private hook(event: HookEvent, fields: Record<string, unknown>): Promise<string | undefined> {
    const { sessionId, cwd } = this.options;
    const about = { session_id: sessionId, transcript_path: this.transcript.file, ...fields };
    return runHooks(this.hooks, event, about, cwd);
  }

  private say(line: object): void {
    this.print({ ...line, session_id: this.options.sessionId });
  }
}
