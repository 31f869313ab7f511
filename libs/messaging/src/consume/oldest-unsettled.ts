import type { JetStreamManager } from '@nats-io/jetstream';

/** What of a work queue is neither settled nor set aside. */
export interface Unsettled {
  readonly messages: number;
  /** Of the oldest; 0: there is none. */
  readonly oldestAgeSeconds: number;
  /** Its place in the stream. */
  readonly oldestSequence: number;
}

/** From this age on the intake counts as stalled: a message is handled within a second, and buried in two. */
export const STALLED_AFTER_SECONDS = 60;

/**
 * How long the oldest message of a work queue has waited: a queue holds exactly what its consumer has not
 * settled.
 *
 * @throws the client's error when the server cannot be asked, or has no such stream
 */
export async function oldestUnsettled(manager: JetStreamManager, stream: string): Promise<Unsettled> {
  const { state, ts } = await manager.streams.info(stream);
  const now = ts === undefined ? Date.now() : Date.parse(String(ts)); // servers before 2.10 do not say
  const age = (now - Date.parse(String(state.first_ts))) / 1000;
  return {
    messages: state.messages,
    oldestAgeSeconds: state.messages === 0 ? 0 : Math.max(0, age),
    oldestSequence: state.first_seq,
  };
}
