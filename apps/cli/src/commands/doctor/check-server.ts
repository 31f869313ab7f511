import type { PatchStoreClient } from '#client';
import { explain } from '../../shell/explain.js';
import { count } from '../../output/format.js';
import { ok, problem, warning, type Finding } from './finding.js';

const CLOCKS_MAY_DIFFER_SECONDS = 30;

export async function checkServer(client: PatchStoreClient): Promise<Finding[]> {
  try {
    const daemons = await client.daemons();
    const alive = daemons.filter(({ state }) => state === 'alive').length;
    return [
      ok('server', client.server),
      alive > 0
        ? ok('daemons', `${alive} alive of ${daemons.length}`)
        : warning(
            'daemons',
            `none alive of ${daemons.length}`,
            'Start a daemon-agent that reaches the same NATS.',
          ),
      judgeClock(await client.time(), new Date()),
    ];
  } catch (error) {
    const { message, nextStep } = explain(error);
    return [problem('server', message, nextStep ?? "Check the server's log.")];
  }
}

/** Pure. Order and expiry never depend on this machine's clock; the ages shown here do. */
export function judgeClock(theirs: Date, ours: Date): Finding {
  const difference = Math.round((ours.getTime() - theirs.getTime()) / 1000);
  if (Math.abs(difference) <= CLOCKS_MAY_DIFFER_SECONDS) return ok('clock', "as the server's");
  const how = difference > 0 ? 'ahead of' : 'behind';
  return warning(
    'clock',
    `${count(Math.abs(difference), 'second')} ${how} the server's`,
    'Synchronize this clock by NTP (timedatectl set-ntp true): the ages shown are wrong.',
  );
}
