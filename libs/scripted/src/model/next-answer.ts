import { randomBytes } from 'node:crypto';
import type { Conversation, Entry } from './conversation.js';
import type { Answer, Script, Step } from './script.js';
import { callForMore, shellCall } from './shell-call.js';

/** What the model says to whatever is not the work itself: a title for the conversation, for example. */
export const ASIDE = 'A task of the script.';

/** What it says when its script is at the end and had no last word. */
const NOTHING_LEFT = 'Nothing is left to do.';

/**
 * The first step that the conversation has not seen the end of. Nothing but the conversation decides: one
 * that was resumed goes on where it stopped, and one that starts over begins with the first step.
 *
 * A call that was interrupted is made again, under a new id.
 */
export function nextAnswer(script: Script, conversation: Conversation): Answer {
  const finished = new Set(finishedSteps(conversation));
  const said = new Set(
    conversation.entries
      .filter(({ kind, role }) => kind === 'text' && role === 'assistant')
      .map(({ text }) => text),
  );
  const index = script.findIndex((step, at) =>
    'say' in step ? !said.has(step.say) : !finished.has(nameOf(step, at)),
  );
  const step = script[index] ?? script.findLast((each) => 'say' in each) ?? { say: NOTHING_LEFT };
  if ('say' in step) return { say: step.say };
  const name = nameOf(step, index);
  const callId = `call_${name}_${randomBytes(4).toString('hex')}`;
  const last = conversation.entries.findLast(({ callId }) => stepOf(callId) === name);
  const waiting = last === undefined ? undefined : callForMore(last);
  if (waiting !== undefined) return { callId, ...waiting };
  return 'run' in step
    ? { callId, ...shellCall(step.run, conversation.tools) }
    : { callId, tool: step.tool, namespace: step.namespace, input: step.input };
}

/** The names of the steps whose results are in the conversation, in that order. */
export function finishedSteps({ entries }: Conversation): string[] {
  return entries.filter(isFinished).flatMap(({ callId }) => stepOf(callId) ?? []);
}

function nameOf(step: Exclude<Step, { say: string }>, index: number): string {
  return step.name ?? `step-${index + 1}`;
}

/**
 * What the programs put in place of a result when a conversation with an open call is resumed: Claude Code
 * 2.1.332, Codex 0.171.0, opencode 1.18.33.
 */
const INTERRUPTED =
  /^(?:\[Tool call (?:interrupted|result not in this copy)\b|aborted\b|\[Tool execution was interrupted\])/;

function isFinished(entry: Entry): boolean {
  return entry.kind === 'result' && !INTERRUPTED.test(entry.text) && callForMore(entry) === undefined;
}

function stepOf(callId: string | undefined): string | undefined {
  return /^call_(.+)_[0-9a-f]{8}$/.exec(callId ?? '')?.[1];
}
