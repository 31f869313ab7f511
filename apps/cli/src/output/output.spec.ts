import { describe, expect, it } from '@jest/globals';
import { parseDuration } from '../shell/option-values.js';
import { patchView } from '../commands/checkpoints/patch.view.js';
import { age, size } from './format.js';
import { coloured, paintFor, plain } from './paint.js';
import { table } from './table.js';

describe('what people type', () => {
  it('is a time with its unit', () => {
    expect([parseDuration('90s'), parseDuration('1.5h'), parseDuration('2d')]).toEqual([90, 5400, 172_800]);
    for (const bad of ['5', '1w', '-1h', '']) expect(parseDuration(bad)).toBeUndefined();
  });
});

describe('what people see', () => {
  it('has no control characters of others', () => {
    expect(patchView('+\u001B]0;title\u0007', coloured)).not.toContain('\u001B]0');
  });

  it('is coloured for terminals that want it', () => {
    const terminal = {
      isTTY: true,
      hasColors: (environment?: object) => !('NO_COLOR' in (environment ?? {})),
    };
    expect(paintFor(terminal as never, {})).toBe(coloured);
    expect(paintFor(terminal as never, { NO_COLOR: '' })).toBe(coloured);
    expect(paintFor(terminal as never, { NO_COLOR: '1' })).toBe(plain);
    expect(paintFor({ isTTY: false } as never, {})).toBe(plain);
  });

  it('stands in columns, coloured or not', () => {
    const rows = [
      ['long', coloured('red', '1')],
      ['x', '10'],
    ];
    const lines = table(['A', 'B'], rows, { paint: plain, right: [1] }).split('\n');
    expect(lines[1]).toBe(`long   ${coloured('red', '1')}`);
    expect(lines[2]).toBe('x     10');
  });

  it('is short', () => {
    const now = new Date('2030-01-01T12:00:00Z');
    expect(age('2030-01-01T11:59:20Z', now)).toBe('40 s');
    expect(age('2030-01-01T13:00:00Z', now)).toBe('0 s');
    expect([size(912), size(3500), size(10 * 1024 * 1024)]).toEqual(['912 B', '3.4 KiB', '10 MiB']);
  });
});
