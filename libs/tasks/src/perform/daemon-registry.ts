import { Inject, Injectable } from '@nestjs/common';
import { findDaemons, type KnownDaemon, type Task } from '#database';
import type { EntityManager } from 'typeorm';

export const TASKS_OPTIONS = Symbol('TASKS_OPTIONS');

export interface TasksOptions {
  /** A daemon without a heartbeat for this long is considered dead. */
  readonly daemonTimeoutSeconds: number;
}

/** Which daemons there are, and which of them are alive. */
@Injectable()
export class DaemonRegistry {
  constructor(@Inject(TASKS_OPTIONS) private readonly options: TasksOptions) {}

  /** By id: all, those of a pool, or one. */
  list(manager: EntityManager, filter: { id?: string; pool?: string } = {}): Promise<KnownDaemon[]> {
    return findDaemons(manager, this.options.daemonTimeoutSeconds, filter);
  }

  /** The daemon of that id; undefined if it is unknown. */
  async find(manager: EntityManager, id: string): Promise<KnownDaemon | undefined> {
    const [daemon] = await this.list(manager, { id });
    return daemon;
  }

  /** Whether the daemon that holds the task's current attempt sent a heartbeat recently. */
  async isHolderAlive(manager: EntityManager, task: Task): Promise<boolean> {
    if (task.daemonId === null) return false;
    return (await this.find(manager, task.daemonId))?.isAlive ?? false;
  }
}
