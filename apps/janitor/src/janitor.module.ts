import { Module, type DynamicModule } from '@nestjs/common';
import { Database, DatabaseModule } from '#database';
import { MessagingModule } from '#messaging';
import { OutboxModule, OutboxRelay } from '#outbox';
import { loggingModule, OperationsModule } from '#runtime';
import type { JanitorConfig } from './janitor.config.js';
import { SweepLoop } from './sweep-loop.js';
import { allSweeps } from './sweeps/index.js';

@Module({})
export class JanitorModule {
  static forRoot(config: JanitorConfig): DynamicModule {
    return {
      module: JanitorModule,
      imports: [
        loggingModule({ app: 'janitor', level: config.logLevel }),
        OperationsModule,
        DatabaseModule.forRoot({
          databaseUrl: config.database.url,
          applicationName: 'janitor',
          poolSize: config.database.poolSize,
        }),
        MessagingModule.forRoot({ name: 'janitor', nats: config.nats }),
        OutboxModule,
      ],
      providers: [
        {
          provide: SweepLoop,
          inject: [Database, OutboxRelay],
          useFactory: (database: Database, relay: OutboxRelay) =>
            new SweepLoop(allSweeps({ config, database, relay }), () => database.connected()),
        },
      ],
    };
  }
}
