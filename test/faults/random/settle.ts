import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS, NatsClient } from '#messaging';
import { DAEMONS, type Fleet } from './fleet.js';

/** Longer than the longest pause between two tries of one checkpoint at the beginning (30 s, then 60 s). */
const PATIENCE_SECONDS = 180;

/**
 * Waits until nothing is on its way: every task runs, spools, stream and outbox are empty. Pause the load
 * before.
 *
 * @returns what is still not so when the time is up; empty when all is well
 */
export async function settle(fleet: Fleet): Promise<string[]> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const unsettled = await whatIsUnsettled(fleet).catch((error: Error) => [
      `asking failed: ${error.message}`,
    ]);
    if (unsettled.length === 0) return [];
    if (Date.now() > deadline)
      return unsettled.map((what) => `not settled in ${PATIENCE_SECONDS} s: ${what}`);
    await sleep(500);
  }
}

async function whatIsUnsettled(fleet: Fleet): Promise<string[]> {
  const spooled = DAEMONS.map((daemonId) => entriesIn(fleet.spoolOf(daemonId))).filter((count) => count > 0);
  const [outbox] = await fleet.query<{ count: number }>('SELECT count(*)::int AS count FROM outbox');
  const waiting = await messagesIn(fleet, STREAMS.checkpoints.name);
  const running = await fleet.query<{ id: string }>(`SELECT id FROM tasks WHERE state = 'running'`);
  const isWorking = new Set(fleet.processes().map(({ taskId }) => taskId));
  const idle = fleet.taskIds.filter((id) => !isWorking.has(id) || !running.some((task) => task.id === id));
  if (idle.length > 0) await fleet.resumeIdleTasks();
  return [
    ...(spooled.length > 0 ? [`${spooled.join(' and ')} checkpoints in spools`] : []),
    ...(outbox!.count > 0 ? [`${outbox!.count} rows in the outbox`] : []),
    ...(waiting > 0 ? [`${waiting} messages in ${STREAMS.checkpoints.name}`] : []),
    ...idle.map((id) => `task ${id} does not run`),
  ];
}

async function messagesIn(fleet: Fleet, stream: string): Promise<number> {
  const nats = new NatsClient({ url: fleet.stack.nats.url }, 'fault run');
  try {
    const manager = await nats.jetStreamManager();
    return (await manager.streams.info(stream)).state.messages;
  } finally {
    await nats.close();
  }
}

function entriesIn(spool: string): number {
  return readdirSync(spool).filter((file) => file.endsWith('.checkpoint')).length;
}
