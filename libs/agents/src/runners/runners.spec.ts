import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { invocation, invocationEnvironment, type RunnerContext } from './invocation.js';
import { loadRunners } from './load-runners.js';

const context: RunnerContext = {
  plan: 'make it faster',
  planFile: '/state/plan',
  resumed: false,
  continues: false,
  unattended: 'worktree',
};

describe('runners', () => {
  const runners = loadRunners(undefined);

  it('starts claude-code with the plan as its prompt, on standard input', () => {
    const started = invocation(runners.get('claude-code')!, context);
    expect(started).toMatchObject({ file: 'claude', stdin: 'make it faster' });
    expect(started.args).not.toContain('--resume');
  });

  it('continues the conversation of a worktree that was never lost', () => {
    const continued = invocation(runners.get('claude-code')!, {
      ...context,
      resumed: true,
      continues: true,
      sessionId: 'one',
    });
    expect(continued.args).toEqual(expect.arrayContaining(['--resume', 'one']));
    expect(continued.stdin).not.toContain('make it faster');
  });

  it.each([
    ['claude-code', ['--resume', 'theirs', '--fork-session', '--session-id', 'own']],
    ['codex', ['exec', 'fork', '--json']],
  ])('forks a conversation of %s, with the plan', (name, args) => {
    const forked = invocation(runners.get(name)!, {
      ...context,
      resumed: true,
      forkedSessionId: 'theirs',
      sessionId: 'own',
    });
    expect(forked.args.join(' ')).toContain(args.join(' '));
    expect(forked.args).toContain('theirs');
    expect(forked.stdin).toMatch(/fork of your conversation[^]*make it faster/);
  });

  it('says of a fork that it starts over in, that what is there was done by another', () => {
    const over = { ...context, resumed: true, isFork: true };
    expect(invocation(runners.get('claude-code')!, over).stdin).toContain('from the state of another task');
  });

  it('passes the history as a file when the conversation was lost with the machine', () => {
    const resumed = invocation(runners.get('claude-code')!, {
      ...context,
      resumed: true,
      conversationFile: '/state/conversation-history.json',
    });
    expect(resumed.args).not.toContain('--resume');
    expect(resumed.stdin).toContain('/state/conversation-history.json');
    expect(resumed.stdin).toContain('make it faster');
  });

  it('says at the first start where to read how the setup failed, and nothing where it did not', () => {
    const failed = { ...context, recoveryBriefFile: '/state/recovery-brief.md' };
    const { stdin } = invocation(runners.get('claude-code')!, failed);
    expect(stdin).toContain('make it faster\n');
    expect(stdin).toContain('The setup of the worktree failed: /state/recovery-brief.md says how.');
  });

  it('runs the plan of the shell runner as a script', () => {
    const expected = { file: 'sh', args: ['/state/plan'], stdin: '' };
    expect(invocation(runners.get('shell')!, context)).toEqual(expected);
    expect(invocation(runners.get('shell')!, { ...context, resumed: true })).toEqual(expected);
  });

  it.each([
    ['worktree', 'acceptEdits'],
    ['full', 'bypassPermissions'],
    ['ask-nothing', 'dontAsk'],
  ] as const)('gives the permissions of the choice %s', (unattended, mode) => {
    const { args } = invocation(runners.get('claude-code')!, { ...context, unattended });
    expect(args).toContain(mode);
    expect(args).not.toContain('{permissions}');
  });

  it('leaves a plan as it is, whatever it holds', () => {
    const plan = 'say {sessionId} and {planFile}, $& and $1';
    const runner = { start: ['agent', '{prompt}'], stdin: 'nothing' as const };
    expect(invocation(runner, { ...context, plan, sessionId: 'one' }).args).toEqual([plan]);
  });

  it('gives the variables of the choice, with the folder of what is handed over', () => {
    const opencode = runners.get('opencode')!;
    const permission = (unattended: RunnerContext['unattended']) =>
      JSON.parse(
        invocationEnvironment(opencode, { ...context, unattended })['OPENCODE_PERMISSION'] ?? 'null',
      );
    const external_directory = { '*': 'deny', '/state/*': 'allow' };
    expect(permission('worktree')).toEqual({ external_directory, doom_loop: 'deny' });
    expect(permission('ask-nothing')).toMatchObject({ external_directory, edit: 'deny', bash: 'deny' });
    expect(permission('full')).toBeNull();
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

  it.each([
    [{ start: 'aider', stdin: 'nothing' }, 'start'],
    [{ start: ['aider'] }, 'stdin'],
    [{ start: ['aider'], stdin: 'nothing', session: { id: 'guessed' } }, 'session.id'],
    [{ start: ['aider'], stdin: 'nothing', session: { id: 'learned' } }, 'lineType'],
    [
      {
        start: ['a'],
        stdin: 'nothing',
        conversation: { variable: 'A', usual: '~/.a', passOn: [], files: [] },
      },
      'conversation.files',
    ],
    [{ start: ['a'], stdin: 'nothing', permissions: { worktree: [], full: [] } }, 'permissions.ask-nothing'],
    [{ start: ['a'], stdin: 'nothing', contine: ['a'] }, 'contine'],
    [{ start: ['a', '{bogus}'], stdin: 'nothing' }, 'start'],
    ...[{}, { files: ['a'], commands: { export: ['a'], import: ['a'] } }].map((form): [object, string] => [
      { start: ['a'], stdin: 'nothing', conversation: { variable: 'A', usual: '~/.a', passOn: [], ...form } },
      'conversation',
    ]),
    [
      {
        start: ['a'],
        stdin: 'nothing',
        conversation: { variable: 'A', usual: '~/.a', passOn: [], commands: { export: ['a'] } },
      },
      'conversation.commands.import',
    ],
    [{ start: ['a', '{permissions}'], stdin: 'nothing' }, 'permissions'],
    ...['/etc/passwd', '../a', 'a/../b'].map((path): [object, string] => [
      {
        start: ['a'],
        stdin: 'nothing',
        conversation: { variable: 'A', usual: '~/.a', passOn: [], files: [path] },
      },
      'conversation.files',
    ]),
  ])('names the runner and the field when it refuses %j', (runner, field) => {
    const file = join(temporaryFolder(), 'runners.json');
    writeFileSync(file, JSON.stringify({ broken: runner }));
    expect(() => loadRunners(file)).toThrow(
      new RegExp(`PATCHPOINT_RUNNERS_FILE.*runner "broken": .*${field.replaceAll('.', '\\.')}`),
    );
  });
});
