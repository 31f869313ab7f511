import { describe, expect, it } from '@jest/globals';
import { Semaphore } from './semaphore.js';

describe('Semaphore', () => {
  it('are granted in the order of asking', async () => {
    const slots = new Semaphore(1);
    await slots.take();
    const order: number[] = [];
    const asked = [1, 2, 3].map(async (number) => {
      await slots.take();
      order.push(number);
      slots.release();
    });
    slots.release();
    await Promise.all(asked);
    expect(order).toEqual([1, 2, 3]);
  });

  it('can be given up on, at no cost to the others', async () => {
    const slots = new Semaphore(1);
    await slots.take();
    const impatient = new AbortController();
    const first = slots.take(impatient.signal);
    const second = slots.take();
    impatient.abort();
    expect(await first).toBe(false);
    slots.release();
    expect(await second).toBe(true);
    expect(await slots.take(impatient.signal)).toBe(false);
  });

  it('tell when none is taken', async () => {
    const slots = new Semaphore(2);
    await slots.allFree();
    await slots.take();
    await slots.take();
    let isFree = false;
    const free = slots.allFree().then(() => (isFree = true));
    slots.release();
    await Promise.resolve();
    expect(isFree).toBe(false);
    slots.release();
    expect(await free).toBe(true);
  });
});
