import { describe, expect, it } from '@jest/globals';
import { ContractError } from '#contracts';
import { NotConnectedError } from '../connection/not-connected-error.js';
import { RetryLater } from './retry-later.js';
import {
  isWorthAnotherTry,
  retryDelayMilliseconds,
  settlementAfterDeadLetter,
  settlementOf,
} from './settle.js';

describe('settlementOf', () => {
  it('acknowledges what was handled', () => {
    expect(settlementOf({ kind: 'done' }, 1)).toEqual({ kind: 'acknowledge' });
  });

  it('buries what can never succeed, at its first delivery', () => {
    const error = new ContractError('BAD_JSON', 'no JSON');
    expect(settlementOf({ kind: 'threw', error }, 1)).toEqual({ kind: 'dead-letter', error });
  });

  it('lets wait what asks for it, for the delay that it asks for, whatever the count', () => {
    const error = new RetryLater(1234, 'the task is not there yet');
    expect(settlementOf({ kind: 'threw', error }, 9)).toEqual({
      kind: 'wait',
      delayMilliseconds: 1234,
      reason: 'the task is not there yet',
    });
  });

  it('lets come again what an outage stopped, whatever the count', () => {
    const error = new NotConnectedError('nats://away', { isStopping: false });
    expect(settlementOf({ kind: 'threw', error }, 1_000_000)).toMatchObject({
      kind: 'retry',
      isFailure: true,
    });
  });

  it.each([new RangeError('Maximum call stack size exceeded'), 'a string', undefined])(
    'buries what fails through no outage: %p',
    (error) => {
      expect(settlementOf({ kind: 'threw', error }, 1)).toMatchObject({
        kind: 'dead-letter',
        error: { code: 'HANDLING_FAILED' },
      });
      expect(isWorthAnotherTry(error)).toBe(true);
    },
  );
});

describe('settlementAfterDeadLetter', () => {
  const broken = new ContractError('BAD_TEXT', 'NUL in the dead letter');
  const away = new NotConnectedError('nats://away', { isStopping: false });

  it('takes the message out when its dead letter is kept', () => {
    expect(settlementAfterDeadLetter({ kind: 'done' }, 1, 'whole')).toEqual({ kind: 'terminate' });
  });

  it.each(['whole', 'bare'] as const)('tries again after an outage: %s', (form) => {
    expect(settlementAfterDeadLetter({ kind: 'threw', error: away }, 1, form).kind).toBe('retry');
  });

  it('keeps less of what cannot be kept, and in the end nothing', () => {
    const outcome = { kind: 'threw', error: broken } as const;
    expect(settlementAfterDeadLetter(outcome, 1, 'whole').kind).toBe('bury-bare');
    expect(settlementAfterDeadLetter(outcome, 1, 'bare').kind).toBe('drop');
  });
});

describe('retryDelayMilliseconds', () => {
  it('grows to a minute and never ends', () => {
    const longest = [1, 2, 3, 8, 1_000_000].map((count) => retryDelayMilliseconds(count, () => 0.999999));
    expect(longest).toEqual([500, 1000, 2000, 60_000, 60_000]);
  });
});
