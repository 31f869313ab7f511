import { randomBytes } from 'node:crypto';
import { beforeAll, afterAll, describe, expect } from '@jest/globals';
import type { JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { NatsClient, STREAMS } from '#messaging';
import { eventually, freeze } from '#testing';
import { fault } from '../testing/fault.js';
import { messagesForIngest } from '../testing/messages-for-ingest.js';
import { useAgent } from '../testing/use-agent.js';
import { useNatsCluster, type NatsCluster } from '../testing/use-nats-cluster.js';

const { checkpoints, blobs } = STREAMS;

describe('nats-server', () => {
  const agent = useAgent();
  const ingest = () => agent.driver.stack.apps.find(({ app }) => app === 'checkpoint-ingest')!;
  const startCluster = useNatsCluster();
  let nats: NatsClient;
  const jetStream = (): Promise<JetStreamManager> => nats.jetStreamManager();

  beforeAll(() => {
    nats = new NatsClient({ url: agent.driver.stack.nats.url }, 'spec');
  });
  afterAll(() => nats.close());

  fault(
    'F10',
    'a stream is full: the daemon backs off, the spool grows, all arrives when there is room',
    async () => {
      const manager = await jetStream();
      const { config } = await manager.streams.info(checkpoints.name);
      await manager.streams.update(checkpoints.name, { ...config, max_bytes: 1 });
      await agent.editUntilSpooled('f10-1.txt', 1);
      const waiting = await agent.editUntilSpooled('f10-2.txt', 2);
      await eventually(
        () => expect(agent.log()).toContain('checkpoints cannot be sent; they wait in the spool'),
        {
          timeoutMs: 60_000,
        },
      );
      await manager.streams.update(checkpoints.name, config);
      await agent.untilStored(waiting);
    },
  );

  fault('F11', 'the consumer is deleted while it is in use: made again, and it goes on', async () => {
    const manager = await jetStream();
    await manager.consumers.delete(checkpoints.name, 'checkpoint-ingest');
    await agent.editUntilStored('f11.txt');
    const { config } = await manager.consumers.info(checkpoints.name, 'checkpoint-ingest');
    expect(config.max_ack_pending).toBeGreaterThan(0);
  });

  fault(
    'F12',
    'it is killed in the middle of a blob upload: completed; what stays behind expires',
    async () => {
      const manager = await jetStream();
      let chunks = 0;
      agent.network().inspect((bytes) => {
        if (bytes.includes(' patchpoint.v1.blob.')) chunks += 1;
        return chunks > 3 ? 'hold' : 'forward';
      });
      agent.edit('f12.bin', randomBytes(5 * 1024 * 1024));
      await eventually(() => expect(chunks).toBeGreaterThan(3), { timeoutMs: 60_000 });
      const { state, config } = await manager.streams.info(blobs.name);
      expect(state.messages).toBeGreaterThan(0);
      expect(state.messages).toBeLessThan(10);
      await agent.driver.stack.nats.kill();
      agent.network().heal();
      await agent.driver.stack.restartNats();
      await agent.untilStored([]);
      const { rows } = await agent.postgres().query<{ size: number }>(
        `SELECT octet_length(p.patch_data) AS size FROM checkpoint_patches p JOIN task_checkpoints c ON c.patch_id = p.id
        WHERE c.task_id = $1 AND sha256(p.patch_data) = p.sha256 ORDER BY c.number DESC LIMIT 1`,
        [agent.taskId],
      );
      expect(rows[0]!.size).toBeGreaterThan(5 * 1024 * 1024);
      await eventually(async () => expect((await manager.streams.info(blobs.name)).state.messages).toBe(0));
      expect(config.max_age).toBe(nanos(24 * 60 * 60 * 1000)); // how chunks expire that nobody ever completes
    },
  );

  fault(
    'F7',
    'it hangs (SIGSTOP) for longer than the timeouts: sent again, no duplicate rows',
    async () => {
      const server = agent.driver.stack.nats;
      await freeze(server.pid);
      const waiting = await agent.editUntilSpooled('f7.txt', 1);
      try {
        await eventually(
          () => expect(lastLine(agent.log(), /Lost NATS|Back on NATS/)).toContain('Lost NATS'),
          {
            timeoutMs: 60_000,
          },
        );
      } finally {
        process.kill(server.pid, 'SIGCONT');
      }
      await agent.untilStored(waiting);
      await agent.editUntilStored('f7-after.txt');
      const ids = (await agent.rows()).map((row) => row.event_id);
      expect(new Set(ids).size).toBe(ids.length);
      await eventually(async () => expect(await messagesForIngest(nats)).toBe(0)); // what came twice, too
    },
    180_000,
  );

  fault(
    'F6',
    'kill -9 again and again under load: what is confirmed is in Postgres, what was captured arrives',
    async () => {
      await captureWhile('f6', async () => {
        await agent.driver.stack.nats.kill();
        await agent.driver.stack.restartNats();
      });
      expect(ingest().hasExited()).toBe(false);
    },
    180_000,
  );

  // The last case: what runs is on the cluster from here on.
  fault(
    'F6',
    'on a cluster of three, whoever leads the stream is killed under load: what is confirmed is in Postgres, what was captured arrives',
    async () => {
      const cluster = await startCluster();
      await moveTo(cluster);
      await agent.editUntilStored('f6-cluster.txt');
      const { config } = await cluster.ask(async (client) =>
        (await client.jetStreamManager()).streams.info(checkpoints.name),
      );
      expect(config.num_replicas).toBe(3);
      let killed: string | undefined;
      await captureWhile('f6-cluster', async () => {
        if (killed !== undefined) await cluster.restart(killed); // until here, two of three had to do
        killed = await cluster.killLeader(checkpoints.name);
      });
      expect(ingest().hasExited()).toBe(false);
    },
    300_000,
  );

  /**
   * Captures three times before each of four strikes; then all of them are stored, as is all that was ever
   * confirmed.
   */
  async function captureWhile(name: string, strike: () => Promise<void>): Promise<void> {
    const captured = new Set<string>();
    // One that is stored at once is not seen in the spool.
    const known = (): string[] => [...agent.spooled(), ...confirmed()];
    for (let kill = 1; kill <= 4; kill += 1) {
      for (let edit = 1; edit <= 3; edit += 1) {
        const before = new Set(known());
        agent.edit(`${name}-${kill}-${edit}.txt`);
        await eventually(() => expect(known().filter((id) => !before.has(id))).not.toEqual([]), {
          timeoutMs: 60_000,
          intervalMs: 5,
        });
        for (const eventId of known()) captured.add(eventId);
      }
      await strike();
    }
    await agent.untilStored([...captured]);
    const stored = new Set((await agent.rows()).map((row) => row.event_id));
    expect(confirmed().length).toBeGreaterThan(0);
    expect(confirmed().filter((eventId) => !stored.has(eventId))).toEqual([]);
  }

  /** Event ids that the daemon has heard to be stored. */
  function confirmed(): string[] {
    return [...agent.log().matchAll(/"msg":"stored".*?"eventId":"([^"]+)"/g)].map(([, id]) => id!);
  }

  /** Starts every app again, as an operator would who goes from one server to a cluster. */
  async function moveTo(cluster: NatsCluster): Promise<void> {
    const environment = { NATS_URL: cluster.url, PATCHPOINT_STREAM_REPLICAS: '3' };
    const { stack } = agent.driver;
    await agent.process.kill();
    for (const { app, name, stop } of stack.apps) {
      if (app === 'daemon-agent') continue;
      await stop();
      await stack.startService(app, name, environment);
    }
    await agent.start(environment);
    await agent.untilRunning();
  }
});

function lastLine(log: string, pattern: RegExp): string {
  return log.split('\n').findLast((line) => pattern.test(line)) ?? '';
}
