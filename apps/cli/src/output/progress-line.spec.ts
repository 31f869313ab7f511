import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProgressLine } from './progress-line.js';

describe('a line of progress', () => {
  let written: string;
  beforeEach(() => {
    written = '';
    jest.useFakeTimers();
  });
  afterEach(() => void jest.useRealTimers());

  const lineOn = (isTTY: boolean, columns?: number): ProgressLine =>
    new ProgressLine({ isTTY, columns, write: (text: string) => (written += text) } as never);
  const ERASE = '\r\u001B[2K';

  it('is shown when it takes longer than a second, the newest text, and erased when it is over', () => {
    const line = lineOn(true);
    line.show('1 of 9');
    jest.advanceTimersByTime(900);
    line.show('2 of 9');
    expect(written).toBe('');
    jest.advanceTimersByTime(100);
    expect(written).toBe('2 of 9');
    line.show('3 of 9');
    jest.advanceTimersByTime(300);
    expect(written).toBe(`2 of 9${ERASE}3 of 9`);
    line.end();
    jest.advanceTimersByTime(5000);
    expect(written).toBe(`2 of 9${ERASE}3 of 9${ERASE}`);
  });

  it('makes room for what is printed meanwhile, and goes on below it', () => {
    const line = lineOn(true);
    line.show('1 of 9');
    jest.advanceTimersByTime(1000);
    line.hide();
    written += 'output\n';
    jest.advanceTimersByTime(300);
    expect(written).toBe(`1 of 9${ERASE}output\n1 of 9`);
    line.end();
  });

  it('never wraps', () => {
    const line = lineOn(true, 5);
    line.show('123456789');
    jest.advanceTimersByTime(1000);
    expect(written).toBe('1234');
    line.end();
  });

  it('is nothing where there is no terminal, or nothing takes long', () => {
    const nowhere = lineOn(false);
    nowhere.show('1 of 9');
    jest.advanceTimersByTime(5000);
    const line = lineOn(true);
    line.show('1 of 9');
    jest.advanceTimersByTime(900);
    line.end();
    jest.advanceTimersByTime(5000);
    expect(written).toBe('');
  });
});
