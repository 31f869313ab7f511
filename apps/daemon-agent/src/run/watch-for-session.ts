import { SESSION_ID } from '#contracts';
import type { Session } from '#agents';

/**
 * Looks for the id of the conversation in the lines that a program prints.
 *
 * @param onSession called once for each id that is named, with valid ids only
 * @returns takes texts of whole lines
 */
export function watchForSession(
  session: Session | undefined,
  onSession: (sessionId: string) => void,
): (text: string) => void {
  if (session?.id !== 'learned') return () => undefined;
  let known: string | undefined;
  return (text) => {
    for (const line of text.split('\n')) {
      const id = sessionIn(line, session);
      if (id === undefined || id === known) continue;
      known = id;
      onSession(id);
    }
  };
}

function sessionIn(line: string, { lineType, lineField }: Session): string | undefined {
  if (!line.startsWith('{') || !line.includes(lineType!)) return undefined;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    const id = value['type'] === lineType ? value[lineField!] : undefined;
    return typeof id === 'string' && SESSION_ID.test(id) ? id : undefined;
  } catch {
    return undefined; // not a line of its own
  }
}
