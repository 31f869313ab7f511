import { describe, expect, it } from '@jest/globals';
import type { TaskRecord } from '../state/task-record.js';
import { DeliveryGate } from './delivery-gate.js';

const unclaimed = { isUnclaimed: true } as TaskRecord;
const registry = { get: (taskId: string) => (taskId === 'unclaimed' ? unclaimed : undefined) };

describe('DeliveryGate', () => {
  it('is always open for a daemon that runs tasks', () => {
    const gate = new DeliveryGate(false, registry);
    expect([gate.isOpen('any'), gate.isOpen('unclaimed')]).toEqual([true, true]);
  });

  it('is closed for a watcher, but for tasks that the connected server has', () => {
    const gate = new DeliveryGate(true, registry);
    gate.open('known');
    expect([gate.isOpen('known'), gate.isOpen('other')]).toEqual([true, false]);
  });

  it('stays closed for an attempt that no server gave', () => {
    const gate = new DeliveryGate(true, registry);
    gate.open('unclaimed');
    expect(gate.isOpen('unclaimed')).toBe(false);
  });

  it('closes with the connection: the next server may be another one', () => {
    const gate = new DeliveryGate(true, registry);
    gate.open('known');
    gate.close();
    expect(gate.isOpen('known')).toBe(false);
  });
});
