import { Module, type DynamicModule } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { compose, inboxPrefix, OpenCommandsReply, OpenCommandsRequest, subjects } from '#contracts';
import { Readiness } from '#runtime';
import { BlobStore } from './blob/blob-store.js';
import type { NatsAddress } from './connection/connection-options.js';
import { NatsClient } from './connection/nats-client.js';
import { JetStreamStrategy } from './consume/jetstream.strategy.js';
import { PullWhenFree } from './consume/pull-when-free.js';
import { StreamFollower } from './consume/stream-follower.js';
import { CorePublisher } from './core/core-publisher.js';
import { CoreNatsStrategy } from './core/core-nats.strategy.js';
import { RpcClient } from './core/rpc.client.js';
import { JetStreamPublisher } from './publish/jetstream.publisher.js';
import type { DaemonIdentity } from './topology/consumers.js';
import { Topology } from './topology/topology.js';

export interface MessagingOptions {
  /** The app's name: what the server shows, and the queue group that its replicas share. */
  readonly name: string;
  readonly nats: NatsAddress & {
    /** Of each stream: 1, or 3 on a cluster. */
    readonly streamReplicas: number;
  };
  /** Set by an agent: the daemon and the pool whose commands it takes. */
  readonly daemon?: DaemonIdentity;
}

/**
 * What an app needs to speak over NATS, for all of its modules. The connection is made in the background: the
 * app starts without NATS, and is not ready (check `nats`, where the app has OperationsModule) until it is
 * there.
 */
@Module({})
export class MessagingModule {
  static forRoot({ name, nats, daemon }: MessagingOptions): DynamicModule {
    const address = { ...nats, ...(daemon && { inboxPrefix: inboxPrefix(daemon.daemonId) }) };
    const client = {
      provide: NatsClient,
      inject: [{ token: Readiness, optional: true }],
      useFactory: (readiness?: Readiness) => {
        const instance = new NatsClient(address, name);
        readiness?.add('nats', () => instance.requireConnected());
        return instance;
      },
    };
    const topology = {
      provide: Topology,
      inject: [NatsClient, RpcClient],
      useFactory: (instance: NatsClient, rpc: RpcClient) =>
        new Topology(
          instance,
          nats.streamReplicas,
          daemon,
          daemon && (() => openCommands(rpc, daemon.daemonId)),
        ),
    };
    const services = [
      JetStreamPublisher,
      JetStreamStrategy,
      PullWhenFree,
      StreamFollower,
      BlobStore,
      RpcClient,
      CorePublisher,
      CoreNatsStrategy,
    ];
    return {
      module: MessagingModule,
      global: true,
      providers: [client, topology, ...services],
      exports: [NatsClient, Topology, ...services],
    };
  }
}

function openCommands(rpc: RpcClient, daemonId: string): Promise<OpenCommandsReply> {
  const request = compose(OpenCommandsRequest, { eventId: uuidv7(), daemonId });
  return rpc.request(subjects.rpc(daemonId, 'open-commands'), request, OpenCommandsReply);
}
