import { describe, expect, it } from '@jest/globals';
import type { TaskRecord } from '../state/task-record.js';
import { DeliveryGate } from './delivery-gate.js';

const unclaimed = { isUnclaimed: true } as TaskRecord;
const registry = { get: (taskId: string) => (taskId === 'unclaimed' ? unclaimed : undefined) };

const holds = { isHeld: (eventId: string) => eventId === 'held' };
const maySend = (gate: DeliveryGate, taskId: string, eventId = 'any'): boolean =>
  gate.maySend({ taskId, eventId });

describe('DeliveryGate', () => {
  it('is always open for a daemon that runs tasks', () => {
    const gate = new DeliveryGate(false, registry, holds);
    expect([maySend(gate, 'any'), maySend(gate, 'unclaimed')]).toEqual([true, true]);
  });

  it('is closed for a watcher, but for tasks that the connected server has', () => {
    const gate = new DeliveryGate(true, registry, holds);
    gate.open('known');
    expect([maySend(gate, 'known'), maySend(gate, 'other')]).toEqual([true, false]);
  });

  it('is closed for what waits for a person, whoever captured it', () => {
    const watcher = new DeliveryGate(true, registry, holds);
    watcher.open('known');
    for (const gate of [watcher, new DeliveryGate(false, registry, holds)]) {
      expect([maySend(gate, 'known', 'held'), maySend(gate, 'known')]).toEqual([false, true]);
    }
  });

  it('stays closed for an attempt that no server gave', () => {
    const gate = new DeliveryGate(true, registry, holds);
    gate.open('unclaimed');
    expect(maySend(gate, 'unclaimed')).toBe(false);
  });

  it('closes with the connection: the next server may be another one', () => {
    const gate = new DeliveryGate(true, registry, holds);
    gate.open('known');
    gate.close();
    expect(maySend(gate, 'known')).toBe(false);
  });
});
