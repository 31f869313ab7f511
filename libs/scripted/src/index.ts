/**
 * A model that follows a script, and an agent that asks it: for the demo, and for tests.
 *
 *   const model = await startScriptedModel({ script: [{ run: 'echo 1 > one' }, { say: 'Done.' }] });
 *
 * It answers Claude Code, Codex, opencode, gemini-cli and our own `fake-agent`, which behaves as they do and
 * needs no download. The conversation that comes with each request decides which step is next; the model
 * keeps no state. So a conversation that was restored goes on, and one that was lost begins again, and the
 * requests show which.
 */
export { claudeCodeEnvironment, codexEnvironment, fakeAgentEnvironment } from './ask-scripted-model.js';
export { fakeAgentProgram } from './fake-agent-program.js';
export type { Conversation, Entry, Tool } from './model/conversation.js';
export type { ModelRequest } from './model/model-request.js';
export type { CallStep, RunStep, SayStep, Script, Step } from './model/script.js';
export {
  startScriptedModel,
  type ScriptedModel,
  type ScriptedModelOptions,
} from './model/start-scripted-model.js';
