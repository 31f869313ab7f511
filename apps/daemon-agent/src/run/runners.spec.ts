import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { invocation, loadRunners, type RunnerContext } from './runners.js';

const context: RunnerContext = {
  plan: 'make it faster',
  planFile: '/state/plan',
  resumed: false,
  conversationHere: false,
};

describe('runners', () => {
  const runners = loadRunners(undefined);

  it('starts claude-code with the plan as its prompt, on standard input', () => {
    const started = invocation(runners.get('claude-code')!, context);
    expect(started).toMatchObject({ file: 'claude', stdin: 'make it faster' });
    expect(started.args).not.toContain('--continue');
  });

  it('continues the conversation of a worktree that was never lost', () => {
    const continued = invocation(runners.get('claude-code')!, {
      ...context,
      resumed: true,
      conversationHere: true,
    });
    expect(continued.args).toContain('--continue');
    expect(continued.stdin).not.toContain('make it faster');
  });

  it('passes the history as a file when the conversation was lost with the machine', () => {
    const resumed = invocation(runners.get('claude-code')!, {
      ...context,
      resumed: true,
      conversationFile: '/state/conversation-history.json',
    });
    expect(resumed.args).not.toContain('--continue');
    expect(resumed.stdin).toContain('/state/conversation-history.json');
    expect(resumed.stdin).toContain('make it faster');
  });

  it('runs the plan of the shell runner as a script, the same way every time', () => {
    const expected = { file: 'sh', args: ['/state/plan'], stdin: '' };
    expect(invocation(runners.get('shell')!, context)).toEqual(expected);
    expect(invocation(runners.get('shell')!, { ...context, resumed: true, conversationHere: true })).toEqual(
      expected,
    );
  });

  it('adds and replaces runners from a file', () => {
    const file = join(temporaryFolder(), 'runners.json');
    writeFileSync(
      file,
      JSON.stringify({ aider: { start: ['aider', '--message-file', '{planFile}'], stdin: 'nothing' } }),
    );
    const own = loadRunners(file);
    expect(invocation(own.get('aider')!, context).args).toEqual(['--message-file', '/state/plan']);
    expect(own.has('codex')).toBe(true);
  });

  it('names the invalid runner when it refuses a file', () => {
    const file = join(temporaryFolder(), 'runners.json');
    writeFileSync(file, JSON.stringify({ broken: { start: 'aider' } }));
    expect(() => loadRunners(file)).toThrow(/PATCHPOINT_RUNNERS_FILE.*runner "broken"/);
  });
});
