import { Controller, Get } from '@nestjs/common';
import { Database, findDaemons } from '#database';
import { daemonView, type DaemonList } from './daemon.view.js';

@Controller('v1/daemons')
export class DaemonsController {
  constructor(private readonly database: Database) {}

  /** Every daemon that was ever heard of, by id. */
  @Get()
  async list(): Promise<DaemonList> {
    const daemons = await findDaemons(this.database.manager);
    return { daemons: daemons.map(daemonView) };
  }
}
