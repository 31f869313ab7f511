import { streamSubjects, subjects } from '#contracts';
import { CoreListener, NatsClient } from '#messaging';

/** Counts the payloads that a daemon sends for its checkpoints, from now on. */
export async function countSentBytes(
  natsUrl: string,
  daemonId: string,
): Promise<{ bytes: () => number; stop: () => Promise<void> }> {
  const nats = new NatsClient({ url: natsUrl }, 'the benchmark');
  let bytes = 0;
  const count = async ({ data }: { data: Uint8Array }): Promise<void> => void (bytes += data.length);
  for (const subject of [subjects.checkpointCreated(daemonId, '*'), streamSubjects.blobs]) {
    await new CoreListener(subject, count).start(nats);
  }
  return { bytes: () => bytes, stop: () => nats.close() };
}
