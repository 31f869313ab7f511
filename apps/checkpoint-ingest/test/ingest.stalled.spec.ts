import { expect, it } from '@jest/globals';
import { IntakeWatch } from '#outbox';
import { eventually } from '#testing';
import { aCheckpoint } from '../testing/fixtures.js';
import { useIngest } from '../testing/use-ingest.js';

const ingest = useIngest();

it('a message that is not handled is seen: in a metric, in /readyz with 200, and in events', async () => {
  const replica = ingest.replicas[0]!;
  const watch = replica.get(IntakeWatch);
  watch.stalledAfterSeconds = 0.2;
  const url = await replica.getUrl();
  const ready = async () => {
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as { status: string; degraded?: { intake: string } };
  };
  const kinds = () =>
    ingest.events.map(({ body }) => body['kind']).filter((kind) => String(kind).startsWith('intake-'));

  const taskId = await ingest.aRunningTask();
  await ingest.database.transaction(async (manager) => {
    await manager.query('SELECT FROM tasks WHERE id = $1 FOR UPDATE', [taskId]);
    await ingest.send(aCheckpoint({ taskId }));
    await eventually(async () => {
      await watch.check();
      expect(await ready()).toMatchObject({ status: 'degraded' });
    });
    expect((await ready()).degraded!.intake).toMatch(/^1 messages of consumer checkpoint-ingest wait/);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const age = /^patchpoint_oldest_unsettled_message_age_seconds\{consumer="checkpoint-ingest"\} (\S+)$/m;
    expect(Number(age.exec(metrics)![1])).toBeGreaterThan(0.2);
    await eventually(() => expect(kinds()).toContain('intake-stalled'));
  });
  await ingest.stored(taskId, 1);
  await eventually(async () => {
    await watch.check();
    expect(await ready()).toMatchObject({ status: 'ok' });
    expect(kinds()).toContain('intake-recovered');
  });
});

it('what is parked and buried is counted per daemon', async () => {
  await ingest.publisher.publish('patchpoint.v1.checkpoint.created.clumsy.t', Buffer.from('{'));
  const replica = ingest.replicas[0]!;
  await eventually(async () => {
    await replica.get(IntakeWatch).check();
    const metrics = await (await fetch(`${await replica.getUrl()}/metrics`)).text();
    expect(metrics).toMatch(/^patchpoint_dead_letters\{daemon="clumsy"\} 1$/m);
  });
});
