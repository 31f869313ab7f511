import { describe, expect, it } from '@jest/globals';
import { againAfterCut } from './again-after-cut.js';
import { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';

const because = (cause: object) =>
  new PatchStoreUnreachable('http://server', new TypeError('fetch failed', { cause }));
const cut = because(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }));
const refused = because(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
const tooSlow = new PatchStoreUnreachable('http://server', new DOMException('too slow', 'TimeoutError'));
const inProgress = new PatchStoreError(409, 'IDEMPOTENCY_KEY_IN_PROGRESS', 'not answered yet');
const notFound = new PatchStoreError(404, 'TASK_NOT_FOUND', 'no such task');

/** What comes of tries that end so, and how many there were. */
async function tries(...outcomes: unknown[]): Promise<[unknown, number]> {
  let made = 0;
  const result = againAfterCut(async () => {
    const outcome = outcomes[made++];
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }, [0, 0, 0]);
  return [await result.catch((error: unknown) => error), made];
}

describe('a request', () => {
  it.each([
    ['is made again when its connection breaks', [cut, 'answer'], 'answer', 2],
    ['waits for a server that went away then', [cut, refused, refused, 'answer'], 'answer', 4],
    ['waits for the try that was cut to end', [cut, inProgress, 'answer'], 'answer', 3],
    ['ends with a refusal', [cut, notFound, 'answer'], notFound, 2],
    ['does not wait for a server that was never there', [refused, 'answer'], refused, 1],
    ['is not made again while the server is slow', [cut, tooSlow, 'answer'], tooSlow, 2],
    ['is given up after some tries, and the cut is told', [cut, cut, cut, inProgress, 'answer'], cut, 4],
  ])('%s', async (_, outcomes, result, made) => {
    expect(await tries(...outcomes)).toEqual([result, made]);
  });
});
