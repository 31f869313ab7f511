import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { ClaimTaskReply, PatchList, RestorableCheckpointReply, type RpcName } from '#contracts';
import { eventually } from '#testing';
import { decideCheckpoints } from '../apps/checkpoint-ingest/src/record/decide-checkpoints.js';
import { contentDigest } from '../apps/checkpoint-ingest/src/verify/verify-checkpoint.js';
import { aCheckpoint } from '../apps/checkpoint-ingest/testing/fixtures.js';
import { useRunningPatchStore } from '../apps/patch-store/testing/use-running-patch-store.js';

/** One rule (`standing` in libs/tasks), asked in the five places that apply it. */
describe('whether a daemon may speak for an attempt', () => {
  const store = useRunningPatchStore();
  let taskId: string;

  /** Attempt 1 was held by `former`, attempt 2 is held by `holder`. */
  beforeAll(async () => {
    taskId = await store.runningTask('former');
    await store.post(`/v1/tasks/${taskId}/resume`, { force: true });
    await store.claim(taskId, 'holder', 2);
  });

  async function asked(daemonId: string, name: RpcName, fields: object, reply: new () => object) {
    return store.ask(daemonId, name, { taskId, ...fields }, reply).then(
      () => 'accepted',
      ({ code }: { code: string }) => code,
    );
  }

  const claim = (daemonId: string, attempt: number) =>
    asked(daemonId, 'claim-task', { attempt }, ClaimTaskReply);
  const older = (daemonId: string, attempt: number) =>
    asked(daemonId, 'restorable-checkpoint', { attempt, beforeNumber: 1 }, RestorableCheckpointReply);
  const patches = (daemonId: string, attempt: number) =>
    asked(daemonId, 'list-patches', { attempt }, PatchList);

  async function refusalOf(eventId: string): Promise<string | undefined> {
    const rows = await store.database.manager.query<{ code: string }[]>(
      'SELECT code FROM dead_letters WHERE event_id = $1',
      [eventId],
    );
    return rows[0]?.code;
  }

  /** A report that is refused becomes a dead letter; one that comes after it tells that it was handled. */
  async function report(daemonId: string, attempt: number): Promise<string> {
    const [eventId, after] = [uuidv7(), uuidv7()];
    await store.report({ daemonId, taskId, attempt, report: 'started', eventId });
    await store.report({ daemonId, taskId, attempt: 99, report: 'started', eventId: after });
    await eventually(async () => expect(await refusalOf(after)).toBe('TASK_STATE_CONFLICT'));
    return (await refusalOf(eventId)) ?? 'accepted';
  }

  function record(daemonId: string, attempt: number): string {
    const event = aCheckpoint({ taskId, daemonId, attempt }, null);
    const [decision] = decideCheckpoints(
      [{ event, patch: null, bundle: null, contentSha256: contentDigest(event) }],
      [{ id: taskId, state: 'running', attempt: 2, daemonId: 'holder', lastCheckpointNumber: 0 }],
      [
        { taskId, attempt: 1, daemonId: 'former' },
        { taskId, attempt: 2, daemonId: 'holder' },
      ],
      [],
    );
    if (decision!.kind === 'refuse') return decision!.error.code;
    return decision!.kind === 'store' && decision!.superseded ? 'stored as superseded' : 'accepted';
  }

  it.each([
    [
      'the holder of the newest attempt',
      'holder',
      2,
      { claim: 'accepted', report: 'accepted', record: 'accepted', rpcs: 'accepted' },
    ],
    [
      'the holder of an older attempt',
      'former',
      1,
      {
        claim: 'ATTEMPT_SUPERSEDED',
        report: 'accepted',
        record: 'stored as superseded',
        rpcs: 'ATTEMPT_SUPERSEDED',
      },
    ],
    [
      'the holder, for an older attempt of another',
      'holder',
      1,
      {
        claim: 'ATTEMPT_SUPERSEDED',
        report: 'accepted',
        record: 'IDENTITY_MISMATCH',
        rpcs: 'ATTEMPT_SUPERSEDED',
      },
    ],
    [
      'another daemon, for the newest attempt',
      'former',
      2,
      {
        claim: 'TASK_ALREADY_CLAIMED',
        report: 'IDENTITY_MISMATCH',
        record: 'IDENTITY_MISMATCH',
        rpcs: 'IDENTITY_MISMATCH',
      },
    ],
    [
      'anyone, for an attempt that was never spawned',
      'holder',
      3,
      {
        claim: 'TASK_STATE_CONFLICT',
        report: 'TASK_STATE_CONFLICT',
        record: 'FIELD_INVALID',
        rpcs: 'TASK_STATE_CONFLICT',
      },
    ],
  ])('%s', async (_, daemonId, attempt, expected) => {
    expect({
      claim: await claim(daemonId, attempt),
      report: await report(daemonId, attempt),
      record: record(daemonId, attempt),
      older: await older(daemonId, attempt),
      patches: await patches(daemonId, attempt),
    }).toEqual({
      claim: expected.claim,
      report: expected.report,
      record: expected.record,
      older: expected.rpcs,
      patches: expected.rpcs,
    });
  });
});
