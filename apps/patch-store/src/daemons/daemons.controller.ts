import { Controller, Get } from '@nestjs/common';
import type { DaemonList } from '#contracts';
import { Database } from '#database';
import { DaemonRegistry } from '#tasks';
import { Needs } from '../http/needs.js';
import { daemonView } from './daemon-view.js';

@Controller('v1/daemons')
export class DaemonsController {
  constructor(
    private readonly database: Database,
    private readonly registry: DaemonRegistry,
  ) {}

  /** Every known daemon, by id. */
  @Get()
  @Needs('read')
  async list(): Promise<DaemonList> {
    const daemons = await this.registry.list(this.database.manager);
    return { daemons: daemons.map(daemonView) };
  }
}
