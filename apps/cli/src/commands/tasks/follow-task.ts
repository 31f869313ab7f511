import { setTimeout as sleep } from 'node:timers/promises';
import type { PatchStoreClient } from '#client';
import { isEnded, type TaskState, type TaskView } from '#contracts';
import type { AnnouncedEvent } from '../operate/event.view.js';

/** What a task said last may come a little after the news of its end. */
const LAST_WORDS_MILLISECONDS = 500;

/** Between the database, which says when the attempt began, and NATS, which says when something was sent. */
const CLOCKS_DIFFER_MILLISECONDS = 60_000;

/**
 * Tells what the task says and what happens to it, from its current attempt on, until that has ended.
 *
 * @returns the state in which it ended; undefined when the signal came first
 */
export async function followTask(
  client: PatchStoreClient,
  { id, attempt, updatedAt }: TaskView,
  onEvent: (event: AnnouncedEvent) => void,
  signal: AbortSignal,
): Promise<TaskState | undefined> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const since = { since: new Date(Date.parse(updatedAt) - CLOCKS_DIFFER_MILLISECONDS).toISOString() };
  const output = await client.output(id, since, both);
  const events = await client.events({ task: id, ...since }, both);
  let state: TaskState | undefined;

  const listen = async (): Promise<void> => {
    for await (const each of output) {
      const said = announced(each);
      if (said.data['attempt'] === attempt) onEvent(said);
    }
  };
  const watch = async (): Promise<void> => {
    for await (const each of events) {
      const event = announced(each);
      onEvent(event);
      const { attempt: itsAttempt, state: itsState } = event.data as { attempt?: number; state?: TaskState };
      if (!event.event.startsWith('task-') || itsAttempt !== attempt || !itsState || !isEnded(itsState))
        continue;
      state = itsState;
      await sleep(LAST_WORDS_MILLISECONDS);
      return;
    }
  };
  try {
    await Promise.race([listen(), watch()]);
  } finally {
    ended.abort();
  }
  return state;
}

function announced({
  id,
  event,
  data,
}: {
  id: string | undefined;
  event: string;
  data: string;
}): AnnouncedEvent {
  return { id, event, data: JSON.parse(data) as AnnouncedEvent['data'] };
}
