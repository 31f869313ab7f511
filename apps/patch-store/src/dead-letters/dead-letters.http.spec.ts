import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { subjects, type DeadLetterPage, type DeadLetterView } from '#contracts';
import { insertDeadLetter, type NewDeadLetter } from '#database';
import { useRunningPatchStore } from '../../testing/use-running-patch-store.js';

const store = useRunningPatchStore();

describe('/v1/dead-letters', () => {
  const deadLetter = (fields: Partial<NewDeadLetter> = {}) =>
    insertDeadLetter(store.database.manager, {
      id: uuidv7(),
      consumer: 'patch-store',
      subject: subjects.event('dead-lettered', uuidv7(), 'task-lost'),
      code: 'BAD_JSON',
      reason: 'It is not JSON.',
      payload: Buffer.from(`{"half ${uuidv7()}`),
      headers: { 'Nats-Msg-Id': 'old', kept: 'yes' },
      deliveredCount: 1,
      ...fields,
    });
  const list = async (query: string) => (await store.get<DeadLetterPage>(`/v1/dead-letters?${query}`)).body;

  it('are listed by pages, newest first, and filtered', async () => {
    const daemonId = 'clumsy';
    const ids = [];
    for (const code of ['BAD_ID', 'BAD_SHA', 'BAD_ID'] as const)
      ids.unshift(await deadLetter({ code, daemonId }));
    const first = await list('daemon=clumsy&limit=2');
    expect(first.deadLetters.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await list(`daemon=clumsy&limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ deadLetters: [{ id: ids[2] }], nextCursor: null });
    expect((await list('daemon=clumsy&code=BAD_SHA')).deadLetters).toHaveLength(1);
    expect((await list(`task=${uuidv7()}`)).deadLetters).toEqual([]);
    expect(JSON.stringify(first)).not.toContain('"payload"');
    expect((await store.get('/v1/dead-letters?code=odd')).body).toMatchObject({ code: 'FIELD_INVALID' });
  });

  it('are shown with the very message', async () => {
    const text = await deadLetter({ payload: Buffer.from('{"a":1}') });
    const bytes = await deadLetter({ payload: Buffer.from([0xff, 0]) });
    const show = async (id: string) => (await store.get<DeadLetterView>(`/v1/dead-letters/${id}`)).body;
    expect(await show(text)).toMatchObject({ payload: 'eyJhIjoxfQ==', payloadText: '{"a":1}' });
    expect(await show(bytes)).toMatchObject({ payload: '/wA=', payloadText: null, replayedAt: null });
    for (const path of [uuidv7(), `${uuidv7()}/replay`]) {
      const answer = await (path.endsWith('replay') ? store.post : store.get).call(
        store,
        `/v1/dead-letters/${path}`,
      );
      expect(answer).toMatchObject({ status: 404, body: { code: 'DEAD_LETTER_NOT_FOUND' } });
    }
  });

  it('are not sent again where only a part of the message is kept', async () => {
    const id = await deadLetter({ payload: Buffer.alloc(300_000, 'x') });
    const shown = (await store.get<DeadLetterView>(`/v1/dead-letters/${id}`)).body;
    expect(shown.payloadSizeBytes).toBe(300_000);
    expect(shown.payloadText).toHaveLength(262_144);
    const answer = await store.post(`/v1/dead-letters/${id}/replay`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'DEAD_LETTER_CUT' } });
  });

  it('are sent again', async () => {
    const payload = Buffer.from('{"again":true}');
    const id = await deadLetter({ payload });
    const answer = await store.post<DeadLetterView>(`/v1/dead-letters/${id}/replay`);
    expect(answer).toMatchObject({ status: 202, body: { id, replayedAt: expect.any(String) } });
    expect(await store.messages('EVENTS', 'task-lost')).toContainEqual({
      subject: answer.body.subject,
      again: true,
    });
  });
});
