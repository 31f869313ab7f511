import { Module, type DynamicModule } from '@nestjs/common';
import { Database, DatabaseModule } from '#database';
import { MessagingModule } from '#messaging';
import { OutboxModule, OutboxTransaction } from '#outbox';
import { loggingModule, OperationsModule } from '#runtime';
import { DaemonRegistry, ResumeDueTask, TasksModule, TaskSteps } from '#tasks';
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
          encryptionKeys: config.database.encryptionKeys,
        }),
        MessagingModule.forRoot({ name: 'janitor', nats: config.nats }),
        OutboxModule,
        TasksModule.forRoot(config),
      ],
      providers: [
        {
          provide: SweepLoop,
          inject: [Database, OutboxTransaction, TaskSteps, DaemonRegistry, ResumeDueTask],
          useFactory: (
            database: Database,
            outbox: OutboxTransaction,
            steps: TaskSteps,
            daemons: DaemonRegistry,
            resume: ResumeDueTask,
          ) =>
            new SweepLoop(allSweeps({ config, database, outbox, steps, daemons, resume }), () =>
              database.connected(),
            ),
        },
      ],
    };
  }
}
