import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What an agent does in its worktree with `sh`, and what becomes of its own git: the worktree is captured
 * unless that is gone. `$HOOKS` is a folder of hooks that fail.
 */
export const AGENT_DEEDS: [name: string, script: string, own: 'works' | 'is broken' | 'is gone'][] = [
  ['asks for configuration per worktree', 'git config extensions.worktreeConfig true', 'works'],
  ['calls its repository bare', 'git config core.bare true', 'is broken'],
  [
    'calls its repository bare, for this worktree only',
    'git config extensions.worktreeConfig true && git config --worktree core.bare true',
    'is broken',
  ],
  [
    'says two things of its repository that exclude each other',
    'git config core.worktree /nowhere; git config core.bare true',
    'is broken',
  ],
  ['moves the worktree of its repository', 'git config core.worktree /nowhere', 'is broken'],
  ['sets a hooks path', 'git config core.hooksPath "$HOOKS"', 'works'],
  [
    'installs hooks',
    'mkdir -p $(git rev-parse --git-path hooks) && cp "$HOOKS"/* $(git rev-parse --git-path hooks)',
    'works',
  ],
  ['stashes', 'git stash -q --include-untracked && git stash apply -q', 'works'],
  [
    'makes and moves branches',
    'git branch mine && git branch -f task/b HEAD && git branch -D task/c; git checkout -q mine',
    'works',
  ],
  [
    'drops commits and collects garbage',
    'git add -A && git commit -qm dropped && git reset -q HEAD~1 && git reflog expire --expire=now --all && git gc -q --prune=now',
    'works',
  ],
  [
    'packs anew all that it has',
    'git repack -q -a -d -f && git prune --expire=now && git pack-refs --all',
    'works',
  ],
  ['prunes worktrees', 'git worktree prune --expire=now', 'works'],
  [
    'makes worktrees and repositories of its own beside it',
    'git worktree add -q ../more && git init -q .. && git -C .. add -A -- more && rm -rf ../more',
    'works',
  ],
  ['makes its repository again', 'git init -q', 'works'],
  [
    'changes where origin is',
    'git remote set-url origin /nowhere && git symbolic-ref -d refs/remotes/origin/HEAD',
    'works',
  ],
  ['breaks its .git', 'rm -rf .git && echo "gitdir: /nowhere" > .git', 'is broken'],
  ['removes its .git', 'rm -rf .git', 'is broken'],
  [
    'makes a repository on top',
    'rm -rf .git && git init -q && git add -A && git commit -qm top',
    'is broken',
  ],
  [
    'writes nonsense into its configuration',
    'echo "[nonsense" >> $(git rev-parse --git-path config)',
    'is gone',
  ],
  ['removes its repository', 'rm -rf "$(git rev-parse --git-dir)"', 'is gone'],
];

/** What leaves the task's own repository there, and does nothing outside of it and the worktree. */
export const SURVIVABLE_DEEDS = AGENT_DEEDS.filter(
  ([, script, own]) => own !== 'is gone' && !script.includes('..'),
).map(([, script]) => script);

/** A folder of hooks that fail, and what they leave when they were run. */
export interface Hooks {
  hooksDir: string;
  traceFile: string;
}

export function makeHooks(dir: string): Hooks {
  const [hooksDir, traceFile] = [join(dir, 'hooks'), join(dir, 'trace')];
  mkdirSync(hooksDir);
  for (const hook of ['pre-commit', 'reference-transaction', 'post-checkout']) {
    writeFileSync(join(hooksDir, hook), `#!/bin/sh\necho ${hook} >> ${traceFile}\nexit 1\n`);
    chmodSync(join(hooksDir, hook), 0o755);
  }
  return { hooksDir, traceFile };
}

/** Runs a deed; its hooks leave no trace. An agent goes on where a step of it is refused. */
export function actAsAgent(worktreeDir: string, script: string, { hooksDir, traceFile }: Hooks): void {
  const { status } = spawnSync('sh', ['-c', script], {
    cwd: worktreeDir,
    env: {
      PATH: process.env['PATH'],
      HOME: dirname(hooksDir),
      HOOKS: hooksDir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Agent',
      GIT_AUTHOR_EMAIL: 'agent@example.com',
      GIT_COMMITTER_NAME: 'Agent',
      GIT_COMMITTER_EMAIL: 'agent@example.com',
    },
    stdio: 'ignore',
  });
  if (status === null) throw new Error(`sh was not run: ${script}`);
  rmSync(traceFile, { force: true });
}
