import { describe, expect, it } from '@jest/globals';
import {
  CAPTURE_HEALTH_KINDS,
  type CaptureHealthChanged,
  type FailingCaptures,
  type TaskEvent,
  type TaskView,
} from '#contracts';
import { eventually } from '#testing';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

/** What the daemon says of its captures. Undefined: nothing, as older daemons do. */
async function beat(daemonId: string, failingCaptures?: FailingCaptures[]): Promise<void> {
  await store.beat(daemonId, { failingCaptures });
}

async function taskOf(taskId: string): Promise<TaskView> {
  return (await store.get<TaskView>(`/v1/tasks/${taskId}`)).body;
}

/** What was announced of its captures, oldest first. */
async function announcedOf(taskId: string): Promise<CaptureHealthChanged[]> {
  const events = await Promise.all(
    CAPTURE_HEALTH_KINDS.map((kind) =>
      store.messages<CaptureHealthChanged>('EVENTS', `.event.daemon-1.${taskId}.${kind}`),
    ),
  );
  return events.flat().sort((a, b) => a.at.localeCompare(b.at));
}

const failing = (taskId: string, fields: Partial<FailingCaptures> = {}): FailingCaptures => ({
  taskId,
  attempt: 1,
  failingSeconds: 3600,
  reason: 'DISK_FULL: no space left',
  ...fields,
});

const untilFailing = (taskId: string, reason: string): Promise<TaskView> =>
  eventually(async () => {
    const task = await taskOf(taskId);
    expect(task.failingCaptures?.reason).toBe(reason);
    return task;
  });

describe('a daemon that cannot capture a worktree', () => {
  it('is shown with the reason and since when, and announced once', async () => {
    const taskId = await store.runningTask('daemon-1');
    expect(await taskOf(taskId)).toMatchObject({ failingCaptures: null, unsavedWork: false });
    await beat('daemon-1', [failing(taskId)]);
    const { failingCaptures, unsavedWork } = await untilFailing(taskId, 'DISK_FULL: no space left');
    const agoSeconds = (Date.now() - Date.parse(failingCaptures!.since)) / 1000;
    expect(Math.abs(agoSeconds - 3600)).toBeLessThan(60);
    expect(unsavedWork).toBe(false); // it still runs

    await beat('daemon-1', [failing(taskId, { failingSeconds: 3700, reason: 'GIT_FAILED: no memory' })]);
    const later = await untilFailing(taskId, 'GIT_FAILED: no memory');
    expect(later.failingCaptures!.since).toBe(failingCaptures!.since);

    await beat('daemon-1', []);
    await eventually(async () => expect((await taskOf(taskId)).failingCaptures).toBeNull());
    await eventually(async () =>
      expect(await announcedOf(taskId)).toMatchObject([
        {
          kind: 'captures-failing',
          failingSince: failingCaptures!.since,
          reason: 'DISK_FULL: no space left',
        },
        { kind: 'captures-recovered', failingSince: failingCaptures!.since },
      ]),
    );
  });

  it('is not believed about an attempt that is not its own, nor taken at its silence', async () => {
    const taskId = await store.runningTask('daemon-1');
    await beat('daemon-1', [failing(taskId)]);
    await untilFailing(taskId, 'DISK_FULL: no space left');
    await beat('daemon-2', [failing(taskId, { reason: 'of a stranger' })]);
    await beat('daemon-2', []);
    await beat('daemon-1');
    const other = await store.runningTask('daemon-1');
    await beat('daemon-1', [failing(taskId, { reason: 'new' }), failing(other, { attempt: 2 })]);
    await untilFailing(taskId, 'new');
    expect((await taskOf(other)).failingCaptures).toBeNull();
    expect((await announcedOf(taskId)).map(({ kind }) => kind)).toEqual(['captures-failing']);
  });
});

describe('a task whose final capture failed', () => {
  const end = (taskId: string, fields: object) =>
    store.report({ daemonId: 'daemon-1', taskId, attempt: 1, report: 'completed', exitCode: 0, ...fields });

  const endOf = (taskId: string): Promise<TaskEvent> =>
    eventually(async () => {
      const [event] = await store.messages<TaskEvent>('EVENTS', `.${taskId}.task-completed`);
      expect(event).toBeDefined();
      return event!;
    });

  it('ends with unsaved work, until a capture works', async () => {
    const taskId = await store.runningTask('daemon-1');
    await end(taskId, { captureFailure: 'GIT_FAILED: bad object' });
    expect(await endOf(taskId)).toMatchObject({ state: 'completed', unsavedWork: true });
    expect(await taskOf(taskId)).toMatchObject({
      state: 'completed',
      unsavedWork: true,
      failingCaptures: { reason: 'GIT_FAILED: bad object' },
    });
    await beat('daemon-1', [failing(taskId, { reason: 'GIT_FAILED: still' })]);
    await untilFailing(taskId, 'GIT_FAILED: still'); // two heartbeats may be handled side by side
    await beat('daemon-1', []);
    await eventually(async () => expect((await taskOf(taskId)).unsavedWork).toBe(false));
    await eventually(async () =>
      expect((await announcedOf(taskId)).map(({ kind }) => kind)).toEqual([
        'captures-failing',
        'captures-recovered',
      ]),
    );
  });

  it('ends without, when the final capture worked after all', async () => {
    const taskId = await store.runningTask('daemon-1');
    await beat('daemon-1', [failing(taskId)]);
    await untilFailing(taskId, 'DISK_FULL: no space left');
    await end(taskId, {});
    expect((await endOf(taskId)).unsavedWork).toBeUndefined();
    expect(await taskOf(taskId)).toMatchObject({ unsavedWork: false, failingCaptures: null });
    expect((await announcedOf(taskId)).map(({ kind }) => kind)).toEqual([
      'captures-failing',
      'captures-recovered',
    ]);
  });

  it('begins its next attempt without them', async () => {
    const taskId = await store.runningTask('daemon-1');
    await end(taskId, { captureFailure: 'DISK_FULL' });
    await endOf(taskId);
    const { body } = await store.post<TaskView>(`/v1/tasks/${taskId}/resume`);
    expect(body).toMatchObject({ attempt: 2, unsavedWork: false, failingCaptures: null });
  });
});
