import { Module, type DynamicModule } from '@nestjs/common';
import { DatabaseModule } from '#database';
import { MessagingModule } from '#messaging';
import { OutboxModule } from '#outbox';
import { loggingModule, OperationsModule } from '#runtime';
import { TasksModule } from '#tasks';
import { CheckpointsController } from './checkpoints/checkpoints.controller.js';
import { CheckpointsRpc } from './checkpoints/checkpoints.rpc.js';
import { ListFiles } from './checkpoints/list-files.js';
import { ConversationController } from './conversations/conversation.controller.js';
import { ConversationsRpc } from './conversations/conversations.rpc.js';
import { ReadConversation } from './conversations/read-conversation.js';
import { AnswerHeartbeat } from './daemons/answer-heartbeat.js';
import { NoteCaptureHealth } from './daemons/note-capture-health.js';
import { DaemonHeartbeatConsumer } from './daemons/daemon-heartbeat.consumer.js';
import { OpenCommandsRpc } from './daemons/open-commands.rpc.js';
import { HeartbeatListening } from './daemons/heartbeat-listening.js';
import { DaemonsController } from './daemons/daemons.controller.js';
import { AnswerWithStream } from './events/answer-with-stream.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { EventsController } from './events/events.controller.js';
import { OpenStreams } from './events/open-streams.js';
import { TaskOutputController } from './events/task-output.controller.js';
import { DocsController } from './http/docs.controller.js';
import { OpenApiController } from './http/openapi.controller.js';
import type { PatchStoreConfig } from './patch-store.config.js';
import { CreatePatch } from './patches/create-patch.js';
import { DeletePatches } from './patches/delete-patches.js';
import { PatchContentController } from './patches/patch-content.controller.js';
import { PatchesController } from './patches/patches.controller.js';
import { PatchesRpc } from './patches/patches.rpc.js';
import { ReadPatch } from './patches/read-patch.js';
import { ChangeHistory } from './tasks/change-history.js';
import { ClaimsRpc } from './tasks/claims.rpc.js';
import { CommandDaemon } from './tasks/command-daemon.js';
import { CreateTask } from './tasks/create-task.js';
import { ForkTask } from './tasks/fork-task.js';
import { DescribeTasks } from './tasks/describe-tasks.js';
import { RestorableCheckpointRpc } from './tasks/restorable-checkpoint.rpc.js';
import { StopTaskOnRequest } from './tasks/stop-task-on-request.js';
import { TaskReportedConsumer } from './tasks/task-reported.consumer.js';
import { TasksController } from './tasks/tasks.controller.js';
import { FindCaller } from './tokens/find-caller.js';
import { TokensController } from './tokens/tokens.controller.js';

@Module({})
export class PatchStoreModule {
  static forRoot(config: PatchStoreConfig): DynamicModule {
    return {
      module: PatchStoreModule,
      imports: [
        loggingModule({ app: 'patch-store', level: config.logLevel }),
        OperationsModule,
        DatabaseModule.forRoot({
          databaseUrl: config.database.url,
          applicationName: 'patch-store',
          poolSize: config.database.poolSize,
          encryptionKeys: config.database.encryptionKeys,
        }),
        MessagingModule.forRoot({ name: 'patch-store', nats: config.nats }),
        OutboxModule,
        TasksModule.forRoot(config),
      ],
      controllers: [
        TasksController,
        CheckpointsController,
        PatchesController,
        PatchContentController,
        ConversationController,
        DaemonsController,
        EventsController,
        TaskOutputController,
        DeadLettersController,
        TokensController,
        OpenApiController,
        DocsController,
        ClaimsRpc,
        OpenCommandsRpc,
        RestorableCheckpointRpc,
        CheckpointsRpc,
        PatchesRpc,
        ConversationsRpc,
        TaskReportedConsumer,
        DaemonHeartbeatConsumer,
      ],
      providers: [
        FindCaller,
        AnswerWithStream,
        { provide: OpenStreams, useValue: new OpenStreams(config.eventStreams) },
        AnswerHeartbeat,
        NoteCaptureHealth,
        HeartbeatListening,
        CreateTask,
        DescribeTasks,
        ForkTask,
        StopTaskOnRequest,
        ChangeHistory,
        CommandDaemon,
        ReadPatch,
        ReadConversation,
        ListFiles,
        CreatePatch,
        DeletePatches,
      ],
    };
  }
}
