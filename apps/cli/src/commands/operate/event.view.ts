import { oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import type { Paint } from '../../output/paint.js';

/** A line of `events --json`: the event as announced, with its kind and its place in the stream. */
export interface AnnouncedEvent {
  id: string | undefined;
  event: string;
  data: Readonly<Record<string, unknown>>;
}

/** Pure: an event as one line. */
export function eventView({ event, data }: AnnouncedEvent, { paint }: Look): string {
  const time = text(data['at'] ?? data['storedAt'] ?? data['expiredAt']);
  const task = text(data['taskId']);
  return [
    paint('dim', time === '' ? '–' : new Date(time).toLocaleTimeString('en-GB')),
    task === '' ? '–' : shortId(task),
    kindCell(event, paint),
    ...details(data),
  ].join('  ');
}

function kindCell(kind: string, paint: Paint): string {
  const padded = kind.padEnd(20);
  if (/fail|lost|rejected/.test(kind)) return paint('red', padded);
  if (/stored|completed|restored|recovered/.test(kind)) return paint('green', padded);
  return padded;
}

function details(data: AnnouncedEvent['data']): string[] {
  const parts = [
    ['daemonId', ''],
    ['attempt', 'attempt '],
    ['checkpointNumber', '@'],
    ['code', ''],
    ['message', ''],
    ['error', ''],
    ['reason', ''],
  ] as const;
  return parts.flatMap(([field, prefix]) => {
    const value = oneLine(text(data[field])).slice(0, 80);
    return value === '' ? [] : [prefix + value];
  });
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
