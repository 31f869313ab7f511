import { realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a program writes the conversation of a task. */
export interface ConversationPlace {
  /** Its home for this task. */
  home: string;
  sessionId: string;
  /** The name that it derives from its working directory. */
  cwdSlug: string;
  /** Where the program works. */
  worktreeDir: string;
  /** What the program's commands get, with the variable that names `home`. */
  environment: Readonly<Record<string, string>>;
}

/**
 * The name that Claude Code gives the folder of a working directory: every character of its real path that is
 * neither letter nor digit becomes `-` (as seen with 2.1).
 */
export async function cwdSlugOf(worktreeDir: string): Promise<string> {
  return (await realpath(worktreeDir)).replace(/[^A-Za-z0-9]/g, '-');
}

/**
 * Pure: an expression that finds the conversation's files, by a pattern of its runner. Its only group holds
 * nothing else than what stands for `{cwdSlug}`.
 */
export function pathExpression(pattern: string, { sessionId, cwdSlug }: ConversationPlace): RegExp {
  const pieces = pattern.split(/(\{sessionId\}|\{cwdSlug\}|\*\*\/|\*)/);
  const source = pieces.map((piece) => {
    switch (piece) {
      case '{sessionId}':
        return escape(sessionId);
      case '{cwdSlug}':
        return escape(cwdSlug);
      case '**/':
        return '(?:[^/]+/)*';
      case '*':
        return '[^/]*';
      default:
        return escape(piece);
    }
  });
  return new RegExp(`^${source.join('')}$`);
}

/** Pure: a path below the home as other machines read it, and back again. */
export function portablePath(path: string, { cwdSlug }: ConversationPlace): string {
  return path
    .split('/')
    .map((name) => (name === cwdSlug ? '{cwdSlug}' : name))
    .join('/');
}

export function pathHere(portable: string, { home, cwdSlug }: ConversationPlace): string {
  return join(home, ...portable.split('/').map((name) => (name === '{cwdSlug}' ? cwdSlug : name)));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
