import { describe, expect, it } from '@jest/globals';
import { movedPortsView } from './stack.view.js';

describe('the ports that `patchpoint up` could not have again', () => {
  it('are one line, with the new ones', () => {
    const moved = [
      { server: 'patchStore', from: 8080, to: 8091 },
      { server: 'nats', from: 4222, to: 4333 },
    ] as const;
    expect(movedPortsView(moved)).toEqual([
      'Not on the ports of the last time, which are taken: patch-store 8080 → 8091, NATS 4222 → 4333.',
    ]);
  });

  it('are no line when there are none', () => {
    expect(movedPortsView([])).toEqual([]);
  });
});
