import { setTimeout as sleep } from 'node:timers/promises';
import type { PatchStoreClient } from '#client';
import { isEnded, type TaskEvent, type TaskState, type TaskView } from '#contracts';
import type { AnnouncedEvent } from '../operate/event.view.js';

/** A task's last output may arrive a little after the event of its end. */
const LAST_WORDS_MILLISECONDS = 500;

/**
 * Clock difference between the database, which dates the start of the attempt, and NATS, which dates
 * messages.
 */
const CLOCKS_DIFFER_MILLISECONDS = 60_000;

/** How an attempt ended. */
export interface FollowedEnd {
  state: TaskState;
  /** Its last state is in no checkpoint. */
  unsavedWork: boolean;
}

/**
 * Passes on a task's output and events, from its current attempt on, until that has ended.
 *
 * @returns how it ended; undefined when the signal came first
 */
export async function followTask(
  client: PatchStoreClient,
  { id, attempt, updatedAt }: TaskView,
  onEvent: (event: AnnouncedEvent) => void,
  signal: AbortSignal,
): Promise<FollowedEnd | undefined> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const since = { since: new Date(Date.parse(updatedAt) - CLOCKS_DIFFER_MILLISECONDS).toISOString() };
  const output = await client.output(id, since, both);
  const events = await client.events({ task: id, ...since }, both);
  let end: FollowedEnd | undefined;

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
      const { attempt: itsAttempt, state, unsavedWork = false } = event.data as Partial<TaskEvent>;
      if (!event.event.startsWith('task-') || itsAttempt !== attempt || !state || !isEnded(state)) continue;
      end = { state, unsavedWork };
      await sleep(LAST_WORDS_MILLISECONDS);
      return;
    }
  };
  try {
    await Promise.race([listen(), watch()]);
  } finally {
    ended.abort();
  }
  return end;
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
