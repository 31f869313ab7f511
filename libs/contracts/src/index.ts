/**
 * What crosses the wire: every message, event, order and question, and every body, query and view of the HTTP
 * API, as a class with its validation.
 *
 *   bytes ── decode(Class, bytes) ──▶ an object valid by its class ── encode ──▶ bytes
 *   subjects: where each goes; fields: rules that several share
 *
 * An invalid body is a ContractError with a code and the field. Unknown fields are ignored, unknown schema
 * versions refused. Imports no other lib.
 */
export * from './messages/blobs-missing.js';
export * from './messages/checkpoint-created.js';
export * from './subjects/cloud-events.js';
export * from './messages/checkpoint-summary.js';
export * from './messages/checkpoint-to-restore.js';
export * from './commands/cleanup-worktree.js';
export * from './commands/create-checkpoint.js';
export * from './commands/spawn-task.js';
export * from './commands/stop-task.js';
export * from './commands/undo-worktree.js';
export * from './wire/contract-error.js';
export * from './messages/daemon-heartbeat.js';
export * from './messages/failing-captures.js';
export * from './wire/decode.js';
export * from './wire/encode.js';
export * from './fields/json-text.js';
export * from './fields/conversation.js';
export * from './fields/error-codes.js';
export * from './events/capture-health-changed.js';
export * from './events/intake-changed.js';
export * from './events/checkpoint-failed.js';
export * from './events/checkpoint-rejected.js';
export * from './events/checkpoint-stored.js';
export * from './events/conversation-refused.js';
export * from './events/patch-expired.js';
export * from './events/task-event.js';
export * from './events/worktree-restored.js';
export * from './events/worktree-restore-failed.js';
export * from './fields/fields.js';
export * from './fields/forked-from.js';
export * from './fields/limits.js';
export * from './wire/message.js';
export { parseJson } from './wire/parse-json.js';
export * from './fields/modes.js';
export * from './fields/found-secret.js';
export * from './fields/omission.js';
export { hasPatchOrBundle } from './fields/patch-and-bundle.js';
export * from './rpc/claim-task.js';
export * from './rpc/agent-tools.js';
export * from './rpc/error-reply.js';
export * from './rpc/list-checkpoints.js';
export * from './rpc/open-commands.js';
export * from './rpc/patch-replies.js';
export * from './rpc/patches.js';
export * from './rpc/read-conversation.js';
export * from './rpc/restorable-checkpoint.js';
export * from './subjects/subjects.js';
export * from './messages/task-output.js';
export * from './messages/task-reported.js';
export * from './fields/scopes.js';
export * from './fields/task-state.js';
export * from './text/harmless.js';
export * from './fields/unattended.js';
export * from './events/watch.js';
export * from './wire/verify-patch.js';
export * from './http/changed-file.js';
export * from './http/checkpoint.bodies.js';
export * from './http/checkpoint.view.js';
export * from './conversation/readable-conversation.js';
export * from './http/conversation.query.js';
export * from './http/daemon.view.js';
export * from './http/dead-letter.view.js';
export * from './http/events.query.js';
export * from './http/failing-captures.view.js';
export * from './http/list-dead-letters.query.js';
export * from './http/page.query.js';
export * from './http/patch.bodies.js';
export * from './http/problem.js';
export * from './http/recovery.view.js';
export * from './http/task-output.query.js';
export * from './http/task.bodies.js';
export * from './http/task.view.js';
export * from './http/token.bodies.js';
export * from './http/token.view.js';
export * from './http/unconfirmed-captures.view.js';
