import { describe, expect, it } from '@jest/globals';
import { noteListening } from '#database';
import { seedTask } from '../../testing/seed.js';
import { useWatch } from '../../testing/use-watch.js';
import { age, seedDaemon } from '../../testing/watch.js';

const watch = useWatch();
const { listenedFor, said, sweep, task, taskOfDeadDaemon } = watch;

describe('dead daemons', () => {
  it('lose their tasks, each once, however many janitors look', async () => {
    const ids = [await taskOfDeadDaemon()];
    for (let n = 1; n < 12; n++) ids.push(await taskOfDeadDaemon());
    expect(await sweep('deadDaemons')).toBe(12);
    for (const id of ids) {
      expect(await task(id)).toMatchObject({
        state: 'lost',
        stateReason: expect.stringContaining('"dead" has been silent'),
      });
    }
    expect(await said()).toEqual(Array(12).fill('task-lost'));
    expect(await sweep('deadDaemons')).toBe(0);
  });

  it('are not those that are heard, that have just claimed, or that hold nothing that runs', async () => {
    await seedDaemon(watch.database, 'alive', { silentForSeconds: 100 });
    const heard = await seedTask(watch.database, 'running', 'alive');
    await age(watch.database, heard, 500);
    await seedDaemon(watch.database, 'dead', { silentForSeconds: 500 });
    await seedTask(watch.database, 'spawning', 'dead');
    await seedTask(watch.database, 'completed', 'dead');
    await seedTask(watch.database, 'spawning', null);
    expect(await sweep('deadDaemons')).toBe(0);
  });

  it('are not taken for dead while nobody could hear them', async () => {
    const id = await taskOfDeadDaemon();
    await listenedFor(60);
    expect(await sweep('deadDaemons')).toBe(0);
    await watch.database.manager.query(
      `UPDATE heartbeat_listener SET listening_since = '2020-01-01', last_seen_at = '2020-01-02'`,
    );
    expect(await sweep('deadDaemons')).toBe(0);
    await noteListening(watch.database.manager);
    expect(await sweep('deadDaemons')).toBe(0);
    await listenedFor(121);
    expect(await sweep('deadDaemons')).toBe(1);
    expect(await task(id)).toMatchObject({ state: 'lost' });
  });
});
