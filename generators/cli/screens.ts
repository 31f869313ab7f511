import { shortId } from '../../apps/cli/src/output/format.js';
import { plain } from '../../apps/cli/src/output/paint.js';
import { logView } from '../../apps/cli/src/commands/checkpoints/log.view.js';
import { showView } from '../../apps/cli/src/commands/checkpoints/show.view.js';
import { statusView } from '../../apps/cli/src/commands/tasks/status.view.js';
import type { Played } from './play-scenario.js';

const TASK_ID = '01a20514-a008-7493-afc0-15da3f2a91c0';
const HEAD = '9f3c1f7a5d0e4b7f8a1f62d5c3b0a9e8d7c6b5a4';
const NOW = new Date('2030-01-31T14:10:00.000Z');

/** How long ago each checkpoint was stored, the newest first. */
const AGES_SECONDS = [40, 300];

/** Pure: the screens of a played scenario: as they are, but for what differs from run to run. */
export function screens(played: Played): Record<'status' | 'log' | 'show', string> {
  const look = { paint: plain, now: NOW };
  return {
    status: statusView(settled(played.status), look),
    log: logView(settled(played.log), look),
    show: showView(settled(played.show), look),
  };
}

function settled<T>(value: T): T {
  const text = JSON.stringify(value);
  const id = /"(?:id|taskId)":"([0-9a-f-]{36})","name":"fix-login"/.exec(text)![1]!;
  const renamed = text
    .replaceAll(id, TASK_ID)
    .replaceAll(id.replaceAll('-', '').slice(-12), TASK_ID.replaceAll('-', '').slice(-12))
    .replaceAll(shortId(id), shortId(TASK_ID));
  return JSON.parse(renamed, function (this: Record<string, unknown>, key, field: unknown) {
    const ageSeconds = AGES_SECONDS[2 - Number(this['number'] ?? 2)]!;
    if (key === 'createdAt') return new Date(NOW.getTime() - ageSeconds * 1000).toISOString();
    if (key === 'ageSeconds') return ageSeconds;
    if (key === 'commitSha' && field !== null) return HEAD;
    if (key === 'sizeBytes' && field !== null) return 1100;
    return field;
  }) as T;
}
