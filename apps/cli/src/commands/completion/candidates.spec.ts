import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../program.js';
import { candidates } from './candidates.js';

let program: Command;
beforeAll(async () => {
  program = await createProgram();
});
const after = (...words: string[]) => candidates(program, words);

describe('completion', () => {
  it('offers commands, also those of commands', () => {
    expect(after('re').words).toEqual(['restore', 'resume']);
    expect(after('dead-letters', '').words).toEqual(expect.arrayContaining(['list', 'show', 'replay']));
    expect(after('__').words).toEqual([]);
  });

  it('offers options, and the values of those that have a choice', () => {
    expect(after('restore', '--d').words).toEqual(['--dry-run']);
    expect(after('tasks', '--state', 'l').words).toEqual(['lost']);
    expect(after('tasks', '--pool', '')).toEqual({ words: [], tasks: false });
    expect(after('completion', 'b').words).toEqual(['bash']);
  });

  it('asks for tasks where one may stand', () => {
    expect(after('log', '')).toEqual({ words: [], tasks: true });
    expect(after('show', 'fi').tasks).toBe(true);
    expect(after('events', '--task', '').tasks).toBe(true);
    expect(after('tasks', '').tasks).toBe(false);
  });

  it('offers nothing inside a plan', () => {
    expect(after('run', '--repo', 'new://x', '--', 'st')).toEqual({ words: [], tasks: false });
  });
});
