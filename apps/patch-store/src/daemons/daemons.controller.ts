import { Controller, Get } from '@nestjs/common';
import type { DaemonList } from '#contracts';
import { Database, findVisibleTasks, isConfined } from '#database';
import { DaemonRegistry } from '#tasks';
import { Asking, type Caller } from '../http/caller.js';
import { Confined } from '../http/confined.js';
import { Needs } from '../http/needs.js';
import { daemonView } from './daemon-view.js';

@Controller('v1/daemons')
export class DaemonsController {
  constructor(
    private readonly database: Database,
    private readonly registry: DaemonRegistry,
  ) {}

  /** Every known daemon, by id. For who is confined to a pool, its daemons; to an owner alone, none. */
  @Get()
  @Needs('read')
  @Confined('by-handler')
  async list(@Asking() caller: Caller): Promise<DaemonList> {
    const { manager } = this.database;
    const known = await this.registry.list(manager);
    if (!isConfined(caller)) return { daemons: known.map((daemon) => daemonView(daemon)) };
    const daemons = known.filter(({ pool }) => pool === caller.pool);
    const taskIds = daemons.flatMap(({ runningTasks }) => runningTasks.map(({ taskId }) => taskId));
    const visible = await findVisibleTasks(manager, caller, taskIds);
    return { daemons: daemons.map((daemon) => daemonView(daemon, visible)) };
  }
}
