import { expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { DeadLetter } from '../../entities/index.js';
import { useOpenDatabase } from '../../../testing/use-open-database.js';
import { insertDeadLetters, MAX_LETTERS_PER_DAEMON, trimDeadLetters } from './insert-dead-letter.js';

const database = useOpenDatabase();

const letter = (subject: string, daemonId?: string) => ({
  id: uuidv7(),
  consumer: 'checkpoint-ingest',
  subject,
  code: 'BAD_JSON' as const,
  reason: subject,
  payload: Buffer.from('{'),
  deliveredCount: 1,
  daemonId,
});

it('keeps many at once, in their order, and the same message once', async () => {
  const letters = ['c', 'a', 'c', 'b'].map((subject) => letter(subject));
  const [c, a, again, b] = await insertDeadLetters(database().manager, letters);
  expect(again).toBe(c);
  expect([c, a, b]).toEqual([letters[2], letters[1], letters[3]].map((each) => each!.id));
  const repeated = await insertDeadLetters(database().manager, [letter('b'), letter('a')]);
  expect(repeated).toEqual([b, a]);
  expect(await database().manager.count(DeadLetter)).toBe(3);
});

it('keeps to the bound of a daemon when two transactions insert at the same time', async () => {
  const many = () => Array.from({ length: 400 }, () => letter(uuidv7(), 'bad'));
  const insertAndTrim = () =>
    database().transaction(async (manager) => {
      await insertDeadLetters(manager, many());
      await trimDeadLetters(manager, 'bad');
    });
  await Promise.all([insertAndTrim(), insertAndTrim(), insertAndTrim()]);
  const kept = await database().manager.countBy(DeadLetter, { daemonId: 'bad' });
  expect(kept).toBe(MAX_LETTERS_PER_DAEMON);
});
