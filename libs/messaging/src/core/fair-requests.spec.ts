import { describe, expect, it } from '@jest/globals';
import { FairRequests, TooManyRequestsError } from './fair-requests.js';

describe('FairRequests', () => {
  it('answers another daemon while one asks without end, and refuses what is too much', async () => {
    const requests = new FairRequests();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    let answering = 0;
    const bad = Array.from({ length: 200 }, () =>
      requests.run('bad', async () => {
        answering++;
        await held;
      }),
    );
    const outcomes = Promise.allSettled(bad);
    await expect(requests.run('good', async () => 'answer')).resolves.toBe('answer');
    expect(answering).toBe(4);
    release();
    const settled = await outcomes;
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(68);
    for (const each of settled) {
      if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(TooManyRequestsError);
    }
    await expect(requests.run('bad', async () => 'again')).resolves.toBe('again');
  });
});
