import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAEMONS, INGEST_REPLICAS, type Fleet } from './fleet.js';
import type { Random } from './random.js';

export const COMPONENTS = ['agent', 'ingest', 'patch-store', 'janitor', 'nats', 'postgres'] as const;
export type Component = (typeof COMPONENTS)[number];

/** What can happen to a component; it is at work again when `execute` resolves. */
export interface Strike {
  readonly name: 'kill' | 'freeze' | 'stop' | 'wipe';
  execute(fleet: Fleet, random: Random): Promise<void>;
}

const LONGEST_ABSENCE_MILLISECONDS = 1000;
/** Longer than a publish waits for its acknowledgment is F7's business; this is a machine that swaps. */
const LONGEST_FREEZE_MILLISECONDS = 3000;

function absence(random: Random): Promise<void> {
  return sleep(random.between(0, LONGEST_ABSENCE_MILLISECONDS));
}

async function freeze(pid: number, random: Random): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await sleep(random.between(200, LONGEST_FREEZE_MILLISECONDS));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

function serviceStrikes(
  app: Parameters<Fleet['stack']['startService']>[0],
  names: readonly string[],
): Strike[] {
  return [
    {
      name: 'kill',
      execute: async (fleet, random) => {
        const name = random.pick(names);
        await fleet.app(name).kill();
        await absence(random);
        await fleet.stack.startService(app, name);
      },
    },
    { name: 'freeze', execute: (fleet, random) => freeze(fleet.app(random.pick(names)).pid, random) },
    {
      name: 'stop',
      execute: async (fleet, random) => {
        const name = random.pick(names);
        await fleet.app(name).stop();
        await absence(random);
        await fleet.stack.startService(app, name);
      },
    },
  ];
}

const agentStrikes: Strike[] = [
  {
    name: 'kill',
    execute: async (fleet, random) => {
      const daemonId = random.pick(DAEMONS);
      await fleet.app(daemonId).kill();
      await absence(random);
      await fleet.stack.startAgent(daemonId);
    },
  },
  { name: 'freeze', execute: (fleet, random) => freeze(fleet.app(random.pick(DAEMONS)).pid, random) },
  {
    name: 'stop',
    execute: async (fleet, random) => {
      const daemonId = random.pick(DAEMONS);
      await fleet.app(daemonId).stop();
      await absence(random);
      await fleet.stack.startAgent(daemonId);
      await fleet.resumeIdleTasks();
    },
  },
  {
    // The machine is gone with its disk; another one takes its name.
    name: 'wipe',
    execute: async (fleet, random) => {
      const daemonId = random.pick(DAEMONS);
      await fleet.app(daemonId).kill();
      for (const found of fleet.processes()) {
        if (found.daemonId === daemonId) process.kill(-found.pid, 'SIGKILL');
      }
      fleet.captures.giveUp(fleet.spoolOf(daemonId));
      await rm(fleet.stack.stateDirOf(daemonId), { recursive: true, force: true, maxRetries: 10 });
      await absence(random);
      fleet.captures.follow(fleet.spoolOf(daemonId));
      await fleet.stack.startAgent(daemonId);
      await fleet.resumeIdleTasks();
    },
  },
];

const natsStrikes: Strike[] = [
  {
    name: 'kill',
    execute: async (fleet, random) => {
      await fleet.stack.nats.kill();
      await absence(random);
      await fleet.stack.restartNats();
    },
  },
  { name: 'freeze', execute: (fleet, random) => freeze(fleet.stack.nats.pid, random) },
  {
    name: 'wipe',
    execute: async (fleet, random) => {
      await fleet.stack.nats.kill();
      await rm(join(fleet.stack.nats.dataDir, 'jetstream'), { recursive: true, force: true, maxRetries: 10 });
      await absence(random);
      await fleet.stack.restartNats();
    },
  },
];

const postgresStrikes: Strike[] = [
  {
    name: 'kill',
    execute: async (fleet, random) => {
      await fleet.stack.postgres.kill();
      await absence(random);
      await fleet.stack.restartPostgres();
    },
  },
  { name: 'freeze', execute: (fleet, random) => freeze(fleet.stack.postgres.pid, random) },
  {
    name: 'stop',
    execute: async (fleet, random) => {
      await fleet.stack.postgres.stop();
      await absence(random);
      await fleet.stack.restartPostgres();
    },
  },
];

export const STRIKES: Readonly<Record<Component, readonly Strike[]>> = {
  agent: agentStrikes,
  ingest: serviceStrikes('checkpoint-ingest', INGEST_REPLICAS),
  'patch-store': serviceStrikes('patch-store', ['patch-store']),
  janitor: serviceStrikes('janitor', ['janitor']),
  nats: natsStrikes,
  postgres: postgresStrikes,
};
