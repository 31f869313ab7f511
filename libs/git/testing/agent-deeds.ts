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
