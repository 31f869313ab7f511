import { describe, expect, it } from '@jest/globals';
import { UNATTENDED_CHOICES } from '#contracts';
import { readAgentConfig } from '../agent.config.js';
import { decideUnattended } from './decide-unattended.js';

const daemon = (unattended?: string, most?: string) =>
  readAgentConfig({ PATCHPOINT_UNATTENDED: unattended, PATCHPOINT_UNATTENDED_MOST: most });

describe('how far an agent may act', () => {
  it('is what its daemon says, for a task that says nothing', () => {
    expect(decideUnattended({}, daemon())).toBe('worktree');
    expect(decideUnattended({}, daemon('ask-nothing', 'full'))).toBe('ask-nothing');
  });

  it.each([
    ['ask-nothing', ['ask-nothing']],
    ['worktree', ['ask-nothing', 'worktree']],
    ['full', ['ask-nothing', 'worktree', 'full']],
  ])('is what the task says, up to %s', (most, allowed) => {
    const config = daemon('ask-nothing', most);
    for (const unattended of UNATTENDED_CHOICES) {
      const decide = () => decideUnattended({ unattended }, config);
      if (allowed.includes(unattended)) expect(decide()).toBe(unattended);
      else expect(decide).toThrow(/PATCHPOINT_UNATTENDED_MOST/);
    }
  });

  it('is at most what the daemon lets every task do, unless a setting allows more', () => {
    expect(() => decideUnattended({ unattended: 'full' }, daemon())).toThrow('allows "worktree" at most');
    expect(decideUnattended({ unattended: 'full' }, daemon('full'))).toBe('full');
  });

  it('cannot be less for a task that says nothing than the daemon says', () => {
    expect(() => daemon('full', 'worktree')).toThrow(/PATCHPOINT_UNATTENDED_MOST is "worktree"/);
  });
});
