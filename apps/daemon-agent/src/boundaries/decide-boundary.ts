import { isDestructive } from '#agents';
import type { CheckpointKind } from '#contracts';

/** A moment in an agent's work at which a checkpoint is worth having. */
export interface Boundary {
  kind: CheckpointKind;
  message?: string;
  /** The agent waits for it, for a limited time: what it does next destroys what would be captured. */
  isAwaited: boolean;
  /** Not sooner after the last one than that; 0: at once. */
  afterMilliseconds: number;
}

/** After a tool was used, a checkpoint follows when none was made for as long. */
const AFTER_TOOLS_MILLISECONDS = 15_000;

const MAX_MESSAGE_LENGTH = 200;

/**
 * Pure: what follows from a step that an agent program reports, in the words of its hooks
 * (`hook_event_name`, `tool_name`, `tool_input`). Undefined for everything else: a program may say whatever
 * it likes.
 */
export function decideBoundary(step: unknown): Boundary | undefined {
  if (typeof step !== 'object' || step === null) return undefined;
  const { hook_event_name: name, tool_input: input } = step as Record<string, unknown>;
  switch (name) {
    case 'PreToolUse': {
      const command = commandOf(input);
      if (command === undefined || !isDestructive(command)) return undefined;
      const message = `Before: ${command.replaceAll(/\s+/g, ' ').trim()}`.slice(0, MAX_MESSAGE_LENGTH);
      return { kind: 'before-command', message, isAwaited: true, afterMilliseconds: 0 };
    }
    case 'PostToolUse':
      return { kind: 'heartbeat', isAwaited: false, afterMilliseconds: AFTER_TOOLS_MILLISECONDS };
    case 'PreCompact':
      return { kind: 'pre-compact', isAwaited: false, afterMilliseconds: 0 };
    case 'Stop':
    case 'SessionEnd':
      return { kind: 'turn', isAwaited: false, afterMilliseconds: 0 };
    default:
      return undefined;
  }
}

/** Of a shell tool: a text, or the words of a command. */
function commandOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { command, cmd } = input as Record<string, unknown>;
  const given = command ?? cmd;
  if (typeof given === 'string') return given;
  if (Array.isArray(given) && given.every((word) => typeof word === 'string')) return given.join(' ');
  return undefined;
}
