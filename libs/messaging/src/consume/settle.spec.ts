import { describe, expect, it } from '@jest/globals';
import { ContractError } from '#contracts';
import { RetryLater } from './retry-later.js';
import { retryDelayMilliseconds, settlementAfterDeadLetter, settlementOf } from './settle.js';

describe('settlementOf', () => {
  it('acknowledges what was handled', () => {
    expect(settlementOf({ kind: 'done' }, 1)).toEqual({ kind: 'acknowledge' });
  });

  it('buries what can never succeed, at its first delivery', () => {
    const error = new ContractError('BAD_JSON', 'no JSON');
    expect(settlementOf({ kind: 'threw', error }, 1)).toEqual({ kind: 'dead-letter', error });
  });

  it('lets come again what asks for it, after the delay it asks for, whatever the count', () => {
    const error = new RetryLater(1234, 'the task is not there yet');
    expect(settlementOf({ kind: 'threw', error }, 9)).toEqual({
      kind: 'retry',
      delayMilliseconds: 1234,
      isFailure: false,
    });
  });

  it.each([new Error('Postgres is away'), 'a string', undefined])('lets come again after %p', (error) => {
    expect(settlementOf({ kind: 'threw', error }, 3)).toMatchObject({ kind: 'retry', isFailure: true });
  });
});

describe('settlementAfterDeadLetter', () => {
  it('takes the message out only when its dead letter is kept', () => {
    expect(settlementAfterDeadLetter({ kind: 'done' }, 1)).toEqual({ kind: 'terminate' });
    expect(settlementAfterDeadLetter({ kind: 'threw', error: new Error('disk full') }, 1).kind).toBe('retry');
  });

  it('keeps no dead letter of a dead letter', () => {
    const error = new ContractError('BAD_TEXT', 'NUL in the dead letter');
    expect(settlementAfterDeadLetter({ kind: 'threw', error }, 1).kind).toBe('retry');
  });
});

describe('retryDelayMilliseconds', () => {
  it('grows to a minute and never ends', () => {
    const longest = [1, 2, 3, 8, 1_000_000].map((count) => retryDelayMilliseconds(count, () => 0.999999));
    expect(longest).toEqual([500, 1000, 2000, 60_000, 60_000]);
  });
});
