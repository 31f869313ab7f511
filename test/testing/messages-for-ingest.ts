import { STREAMS, type NatsClient } from '#messaging';

/** How many checkpoints are in the stream: not yet handled, or handled and not acknowledged. */
export async function messagesForIngest(nats: NatsClient): Promise<number> {
  const manager = await nats.jetStreamManager();
  return (await manager.streams.info(STREAMS.checkpoints.name)).state.messages;
}
