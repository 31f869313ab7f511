/**
 * Agent programs, as data: how each is started, continued and confined, and where it records its
 * conversation.
 *
 *   loadRunners ──▶ Runner ── invocation(runner, context) ──▶ a command
 *   openTaskHome ──▶ the program writes ──▶ readConversation ──▶ a checkpoint ──▶ placeConversation
 *
 * Nothing but the files that a runner names is ever read of a program's home. Nothing of a conversation is
 * placed unless all of it is what was captured. Imports contracts and runtime.
 */
export * from './conversation/conversation-place.js';
export { EXPORTED_PATH, hasConversation } from './conversation/export-conversation.js';
export * from './conversation/place-conversation.js';
export * from './conversation/read-conversation.js';
export * from './conversation/task-home.js';
export * from './runners/built-in-runners.js';
export * from './runners/destructive-commands.js';
export { fillPlaceholders } from './runners/fill-placeholders.js';
export * from './runners/hooks.js';
export * from './runners/inherited-variables.js';
export * from './runners/invocation.js';
export * from './runners/load-runners.js';
export * from './runners/mcp-tools.js';
export * from './runners/runner.js';
