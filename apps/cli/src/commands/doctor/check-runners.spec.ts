import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { BUILT_IN_RUNNERS } from '#agents';
import { temporaryFolder } from '#testing';
import { checkRunners } from './check-runners.js';
import { judgeRunner, type RunnerSigns } from './judge-runner.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

function runnersFile(runners: object): string {
  const file = join(folder, 'runners.json');
  writeFileSync(file, JSON.stringify(runners));
  return file;
}

const check = async (more: NodeJS.ProcessEnv = {}) => {
  const findings = await checkRunners({ PATH: folder, ...more });
  return Object.fromEntries(findings.map((finding) => [finding.what, finding]));
};

describe('the look at the runners', () => {
  it('says which programs are there, with their versions, and which are not', async () => {
    program('claude', 'echo "2.1.332 (Claude Code)"');
    const found = await check();
    expect(found['runner claude-code']).toMatchObject({ status: 'ok' });
    expect(found['runner claude-code']!.found).toMatch(/^2\.1\.332, acts unattended: worktree/);
    expect(found['runner opencode']).toMatchObject({ status: 'skipped', found: 'opencode is not on PATH' });
  });

  it('says that a program is broken, or that its sandbox does not start', async () => {
    program('claude', 'echo "native binary not installed" >&2; exit 1');
    program('codex', '[ "$1" = --version ] && echo codex-cli 0.171.0 || { echo no namespaces >&2; exit 1; }');
    const found = await check();
    expect(found['runner claude-code']!.found).toContain('native binary not installed');
    expect(found['runner codex']).toMatchObject({
      status: 'problem',
      found: 'its sandbox does not start here: no namespaces',
    });
    const unlimited = await check({ PATCHPOINT_UNATTENDED: 'full', KUBERNETES_SERVICE_HOST: '10.0.0.1' });
    expect(unlimited['runner codex']).toMatchObject({ status: 'ok' });
  });

  it('never runs a program of one’s own, and says when it is missing', async () => {
    program('mine', `touch ${join(folder, 'was-run')}`);
    const PATCHPOINT_RUNNERS_FILE = runnersFile({
      mine: { start: ['mine'], stdin: 'prompt' },
      other: { start: ['./other'], stdin: 'prompt' },
    });
    const found = await check({ PATCHPOINT_RUNNERS_FILE });
    expect(found['runner mine']).toMatchObject({ status: 'ok' });
    expect(found['runner other']).toMatchObject({ status: 'problem', found: './other is not on PATH' });
    expect(() => writeFileSync(join(folder, 'was-run'), '', { flag: 'wx' })).not.toThrow();
  });

  it.each([
    [() => ({ PATCHPOINT_RUNNERS_FILE: runnersFile({ broken: {} }) }), 'runner "broken": start'],
    [() => ({ PATCHPOINT_RUNNERS_FILE: join(folder, 'none.json') }), 'it cannot be read as JSON'],
    [() => ({ PATCHPOINT_UNATTENDED: 'all' }), 'PATCHPOINT_UNATTENDED is "all"'],
  ])('says what keeps a daemon from starting (%#)', async (environment, reason) => {
    const findings = await checkRunners({ PATH: folder, ...environment() });
    expect(findings).toMatchObject([{ what: 'runners', status: 'problem' }]);
    expect(findings[0]!.found).toContain(reason);
  });
});

describe('a runner without limits', () => {
  const signs: RunnerSigns = {
    isBuiltIn: true,
    path: '/bin/claude',
    version: '2.1.332',
    programProblem: undefined,
    unattended: 'full',
    sandboxProblem: undefined,
    isRoot: true,
    isContainer: false,
  };
  const judge = (more: Partial<RunnerSigns>) =>
    judgeRunner('claude-code', BUILT_IN_RUNNERS['claude-code']!, { ...signs, ...more });

  it('belongs in a container', () => {
    expect(judge({})).toMatchObject({ status: 'warning', found: expect.stringContaining('as root') });
    expect(judge({ isContainer: true })).toMatchObject({ status: 'ok' });
    expect(judge({ unattended: 'worktree' })).toMatchObject({ status: 'ok' });
  });
});
