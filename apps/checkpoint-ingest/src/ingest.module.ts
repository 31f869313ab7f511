import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#database';
import { BlobBounds, MessagingModule } from '#messaging';
import { OutboxModule } from '#outbox';
import { loggingModule, OperationsModule } from '#runtime';
import { BlobRequests } from './verify/blob-requests.js';
import { CarriedBytesReader } from './verify/carried-bytes-reader.js';
import { CheckpointCreatedConsumer } from './checkpoint-created.consumer.js';
import { FailedCheckpoints } from './reject/failed-checkpoints.js';
import type { IngestConfig } from './ingest.config.js';
import { RecordCheckpoint } from './record/record-checkpoint.js';
import { RejectCheckpoint } from './reject/reject-checkpoint.js';
import { TaskOutputLines } from './announce/task-output-lines.js';

const APP = 'checkpoint-ingest';

/**
 * Steps 2 and 3: records checkpoints and announces them. Scales by adding replicas, which share one consumer.
 */
@Module({})
export class IngestModule {
  static forRoot(config: IngestConfig): DynamicModule {
    return {
      module: IngestModule,
      imports: [
        loggingModule({ app: APP, level: config.logLevel }),
        OperationsModule,
        DatabaseModule.forRoot({
          databaseUrl: config.database.url,
          applicationName: APP,
          poolSize: config.database.poolSize,
          encryptionKeys: config.database.encryptionKeys,
        }),
        MessagingModule.forRoot({ name: APP, nats: config.nats }),
        OutboxModule,
      ],
      controllers: [CheckpointCreatedConsumer],
      providers: [
        BlobBounds,
        BlobRequests,
        CarriedBytesReader,
        RecordCheckpoint,
        FailedCheckpoints,
        RejectCheckpoint,
        TaskOutputLines,
      ],
    };
  }
}
