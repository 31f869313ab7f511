import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  AckPolicy,
  jetstream,
  jetstreamManager,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';
import { Reviewers, type CheckpointStored } from './reviewers.js';

/** Also the name of the durable consumer: every process of this service takes a part of its events. */
const SERVICE = 'checkpoint-listener';

@Injectable()
export class CheckpointListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private connection: NatsConnection | undefined;
  private messages: ConsumerMessages | undefined;
  private listening: Promise<void> | undefined;

  constructor(private readonly reviewers: Reviewers) {}

  async onApplicationBootstrap(): Promise<void> {
    this.connection = await connect({
      servers: process.env['NATS_SERVER'] ?? '127.0.0.1:4222',
      user: process.env['NATS_USER'],
      pass: process.env['NATS_PASSWORD'],
      inboxPrefix: '_INBOX_dashboard',
      maxReconnectAttempts: -1,
    });
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    // Made once and kept by the server: after a pause, the service goes on where it was.
    await manager.consumers.add('EVENTS', {
      durable_name: SERVICE,
      filter_subject: 'patchpoint.v1.event.*.*.checkpoint-stored',
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(30_000),
    });
    const consumer = await jetstream(this.connection).consumers.get('EVENTS', SERVICE);
    this.messages = await consumer.consume();
    this.listening = this.listen(this.messages);
  }

  /** Takes no more events, finishes the one in hand, then leaves. */
  async onApplicationShutdown(): Promise<void> {
    await this.messages?.close();
    await this.listening;
    await this.connection?.drain();
  }

  private async listen(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) await this.handle(message);
  }

  /** Acknowledged when the work is done. What fails comes again; others may overtake it then. */
  private async handle(message: JsMsg): Promise<void> {
    try {
      await this.reviewers.tell(message.headers!.get('ce-id'), message.json<CheckpointStored>());
      message.ack();
    } catch (error) {
      console.error(error);
      message.nak(5_000);
    }
  }
}
