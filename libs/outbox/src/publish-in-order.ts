import type { ClaimedMessage } from '#database';

/** What became of a claim: the ids that were published, and the first failure, if any. */
export interface Published {
  readonly ids: string[];
  readonly failure: { readonly error: unknown } | undefined;
}

/**
 * Publishes messages: those of one task one after the other, the tasks side by side. A task ends at its first
 * failure, because its later messages must not overtake the failed one; the other tasks go on.
 *
 * @param publish resolves when the stream has the message
 */
export async function publishInOrder(
  messages: readonly ClaimedMessage[],
  publish: (message: ClaimedMessage) => Promise<unknown>,
): Promise<Published> {
  const ids: string[] = [];
  let failure: Published['failure'];
  const publishAll = async (queue: readonly ClaimedMessage[]): Promise<void> => {
    try {
      for (const message of queue) {
        await publish(message);
        ids.push(message.id);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(queuesOf(messages).map(publishAll));
  return { ids, failure };
}

/** One queue per task; a message of no task is a queue of its own. */
function queuesOf(messages: readonly ClaimedMessage[]): ClaimedMessage[][] {
  const queues = new Map<string, ClaimedMessage[]>();
  for (const message of messages) {
    const key = message.taskId ?? message.id;
    const queue = queues.get(key);
    if (queue) queue.push(message);
    else queues.set(key, [message]);
  }
  return [...queues.values()];
}
