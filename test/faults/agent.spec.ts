import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { execaSync } from 'execa';
import type { PatchInfo } from '#contracts';
import { NatsClient } from '#messaging';
import { eventually, freeze, useSmallDisk } from '#testing';
import { fault } from '../testing/fault.js';
import { messagesForIngest } from '../testing/messages-for-ingest.js';
import { AgentUnderTest, useAgent } from '../testing/use-agent.js';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Makes a Node process believe that it is tomorrow. */
const CLOCK_A_DAY_AHEAD = `--import=data:text/javascript,${encodeURIComponent(`
  const RealDate = Date;
  const now = () => RealDate.now() + ${DAY_MILLISECONDS};
  globalThis.Date = class extends RealDate {
    constructor(...args) { super(...(args.length > 0 ? args : [now()])); }
    static now() { return now(); }
  };
`)}`;

describe('daemon-agent', () => {
  const agent = useAgent();
  const ingest = () => agent.driver.stack.apps.find(({ app }) => app === 'checkpoint-ingest')!;
  let nats: NatsClient;

  beforeAll(() => {
    nats = new NatsClient({ url: agent.driver.stack.nats.url }, 'spec');
  });
  afterAll(() => nats.close());

  fault('F2', 'SIGKILL after the spool, before the publish: sent at the next start', async () => {
    agent.network().refuse();
    const waiting = await agent.editUntilSpooled('f2.txt', 1);
    await agent.process.kill();
    agent.network().heal();
    await agent.start();
    await agent.untilStored(waiting);
  });

  fault('F3', 'SIGKILL after the publish, before the confirmation: one row', async () => {
    await freeze(ingest().pid);
    const [eventId] = await agent.editUntilSpooled('f3.txt', 1);
    await eventually(async () => expect(await messagesForIngest(nats)).toBe(1));
    await agent.process.kill();
    process.kill(ingest().pid, 'SIGCONT');
    await eventually(async () => expect((await agent.rows()).map((row) => row.event_id)).toContain(eventId));
    expect(agent.spooled()).toEqual([eventId]); // nobody was there to hear it
    await agent.start();
    await agent.untilStored([eventId!]);
    await eventually(async () => expect(await messagesForIngest(nats)).toBe(0)); // what it sent again, too
  });

  fault('F5', 'a spool file with a flipped bit: quarantined and reported, the rest sent', async () => {
    await agent.untilCapturing('f5-0.txt');
    agent.network().refuse();
    await agent.editUntilSpooled('f5-1.txt', 1);
    const [damaged, whole] = await agent.editUntilSpooled('f5-2.txt', 2);
    await agent.process.kill();
    const bytes = readFileSync(agent.spoolFile(damaged!));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(agent.spoolFile(damaged!), bytes);
    agent.network().heal();
    await agent.start();
    await agent.untilStored([whole!]);
    expect(readdirSync(join(agent.folder, 'quarantine'))).toEqual([`${damaged}.checkpoint`]);
    expect(agent.log()).toMatch(new RegExp(`a spooled checkpoint is damaged.*${damaged}`));
    expect((await agent.rows()).map((row) => row.event_id)).not.toContain(damaged);
  });

  fault('F27', 'a stale index.lock in the worktree: it is captured all the same', async () => {
    const git = ['rev-parse', '--path-format=absolute', '--git-path', 'index.lock'];
    const lock = execaSync('git', git, { cwd: agent.worktreeDir }).stdout;
    writeFileSync(lock, '');
    await agent.process.kill();
    await agent.start({ PATCHPOINT_HEARTBEAT_COMMIT: 'true' }); // which is what the lock prevents
    await agent.editUntilStored('f27.txt');
    rmSync(lock); // as it was left: nobody but us may remove it
  });

  fault('F28', "the daemon's clock is a day ahead: the server's time governs TTL and order", async () => {
    await agent.process.kill();
    await agent.start({ NODE_OPTIONS: CLOCK_A_DAY_AHEAD });
    const ahead = await agent.editUntilStored('f28-1.txt');
    const minute = 60_000;
    expect(ahead.captured_at.getTime()).toBeGreaterThan(Date.now() + DAY_MILLISECONDS - 5 * minute);
    expect(Math.abs(ahead.created_at.getTime() - Date.now())).toBeLessThan(5 * minute);
    expect(ahead.expires_at!.getTime() - ahead.created_at.getTime()).toBe(7 * DAY_MILLISECONDS);
    await agent.process.kill();
    await agent.start();
    const after = await agent.editUntilStored('f28-2.txt');
    expect(after.number).toBeGreaterThan(ahead.number);
    const [newest] = await agent.driver.patchStore.checkpoints(agent.taskId);
    expect(newest!.number).toBeGreaterThanOrEqual(after.number);
    const { recovery } = await agent.driver.patchStore.task(agent.taskId);
    expect(recovery.restorableCheckpointNumber).toBeGreaterThanOrEqual(after.number);
    const latest = await fetch(
      `${agent.driver.stack.patchStore.url}/v1/tasks/${agent.taskId}/patches/latest`,
    );
    expect(((await latest.json()) as PatchInfo).checkpointNumber).toBeGreaterThanOrEqual(after.number);
  });

  const mountSmallDisk = useSmallDisk(12 * 1024 * 1024);

  fault(
    'F4',
    "the daemon's disk is full: a clear error, earlier entries are kept, captures resume when there is space",
    async () => {
      const other = new AgentUnderTest(agent.driver, 'daemon-2', agent.network, agent.postgres);
      const disk = mountSmallDisk(other.folder);
      await other.start();
      await other.beginTask();
      other.network().refuse();
      const earlier = await other.editUntilSpooled('f4-1.txt', 1);
      disk.fillUp();
      await eventually(() => expect(other.log()).toContain('DISK_FULL'), { timeoutMs: 60_000 });
      const told = other
        .log()
        .split('\n')
        .filter((line) => /ENOSPC|no space left/i.test(line));
      expect(told.filter((line) => !line.includes('Free space on its disk.'))).toEqual([]);
      expect(other.spooled()).toEqual(earlier);
      disk.makeRoom();
      const both = await other.editUntilSpooled('f4-2.txt', 2);
      expect(both).toContain(earlier[0]);
      expect(readdirSync(join(other.folder, 'spool')).filter((file) => file.endsWith('.partial'))).toEqual(
        [],
      );
      other.network().heal();
      await other.untilStored(both);
      await other.process.stop();
    },
  );
});
