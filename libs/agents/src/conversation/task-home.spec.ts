import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { BUILT_IN_RUNNERS } from '../runners/built-in-runners.js';
import { openTaskHome } from './task-home.js';

describe('the home of opencode for a task', () => {
  const rule = BUILT_IN_RUNNERS['opencode']!.conversation!;
  let usual: string;
  beforeEach(() => {
    usual = temporaryFolder();
    for (const folder of ['opencode/snapshot', 'uv/tools'])
      mkdirSync(join(usual, folder), { recursive: true });
    writeFileSync(join(usual, 'opencode/opencode.db'), 'of other tasks');
  });

  it('has its login and what other programs have there, and nothing of its conversations', async () => {
    writeFileSync(join(usual, 'opencode/auth.json'), 'login');
    const home = await openTaskHome(temporaryFolder(), 'a-task', rule, usual);
    expect(readdirSync(home).sort()).toEqual(['opencode', 'uv']);
    expect(readdirSync(join(home, 'opencode'))).toEqual(['auth.json']);
    expect(readFileSync(join(home, 'opencode/auth.json'), 'utf8')).toBe('login');
    expect(lstatSync(join(home, 'opencode')).isSymbolicLink()).toBe(false);
    expect(lstatSync(join(home, 'uv')).isSymbolicLink()).toBe(true);
  });

  it('has nothing of its conversations for a person who is not logged in either', async () => {
    const home = await openTaskHome(temporaryFolder(), 'a-task', rule, usual);
    expect(readdirSync(home)).toEqual(['uv']);
  });
});
