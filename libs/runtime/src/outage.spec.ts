import { describe, expect, it } from '@jest/globals';
import { isOutage } from './outage.js';

const postgres = (code: string) => Object.assign(new Error('refused'), { driverError: { code } });
const system = (code: string) => Object.assign(new Error('failed'), { code });
const named = (name: string) => Object.assign(new Error('failed'), { name });

describe('isOutage', () => {
  it.each([
    ['Postgres is shutting down', postgres('57P01')],
    ['too many connections', postgres('53300')],
    ['its disk is full', postgres('53100')],
    ['a serialization failure', postgres('40001')],
    ['a deadlock', postgres('40P01')],
    ['a lock was not to be had', postgres('55P03')],
    ['a statement took too long', postgres('57014')],
    ['the schema is not there yet', postgres('42P01')],
    ['the pool is exhausted', new Error('timeout exceeded when trying to connect')],
    ['the connection broke', new Error('Connection terminated unexpectedly')],
    ['the network', system('ECONNREFUSED')],
    ['a broken pipe, whose code looks like a SQLSTATE', system('EPIPE')],
    ['a full disk', system('ENOSPC')],
    ['NATS did not answer', named('TimeoutError')],
    ['no stream', named('StreamNotFoundError')],
    ['one of several addresses', new AggregateError([system('ECONNREFUSED'), system('ECONNREFUSED')])],
    ['deep down', new Error('work failed', { cause: new Error('inner', { cause: system('ECONNRESET') }) })],
  ])('is one: %s', (_, error) => {
    expect(isOutage(error)).toBe(true);
  });

  it.each([
    ['too deep', new RangeError('Maximum call stack size exceeded')],
    ['no function', new TypeError('x is not a function')],
    ['a number out of range', postgres('22003')],
    ['a unique violation', postgres('23505')],
    ['an index row that is too large', postgres('54000')],
    ['a name that is too long', system('ENAMETOOLONG')],
    ['nothing', undefined],
    ['a text', 'failed'],
  ])('is none: %s', (_, error) => {
    expect(isOutage(error)).toBe(false);
  });
});
