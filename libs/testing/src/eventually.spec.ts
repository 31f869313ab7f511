import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('repeats until the assertion holds, and returns its value', async () => {
    let tries = 0;
    const value = await eventually(() => {
      tries += 1;
      expect(tries).toBeGreaterThanOrEqual(3);
      return `try ${tries}`;
    });
    expect(value).toBe('try 3');
  });

  it("throws the assertion's last error when the time is up", async () => {
    const failing = eventually(() => expect('left').toBe('right'), { timeoutMs: 50 });
    await expect(failing).rejects.toThrow(/Not so within 50 ms\.[^]*right/);
  });
});
