import { describe, expect, it } from '@jest/globals';
import { isDestructive } from './destructive-commands.js';

describe('a command that throws work away', () => {
  it.each([
    'rm -r src',
    'rm -rf build && npm run build',
    'rm src -rf',
    'rm --recursive -f a',
    'git reset --hard',
    'git reset --hard origin/main',
    'git -C /work reset HEAD~1 --hard',
    'git -c a=b checkout -- src/a.ts',
    'git checkout .',
    'git checkout -f main',
    'git restore src',
    'git switch --discard-changes main',
    'git clean -fdx',
    'git stash drop',
    'git stash pop',
    'git push --force',
    'git push origin +main',
    'git branch -D old',
    'git rebase main',
    'git worktree remove ../other',
    'find . -name "*.log" -delete',
    'truncate -s 0 notes.md',
    "sed -i 's/a/b/' src/a.ts",
    'cd src; npm test || git reset --hard',
  ])('is %s', (command) => expect(isDestructive(command)).toBe(true));

  it.each([
    'ls -la',
    'rm notes.tmp',
    'git status',
    'git checkout -b feature',
    'git reset HEAD a.txt',
    'git push',
    'git stash',
    'git stash list',
    'npm run format',
    'grep -rn "rm" src',
    'find . -name a',
    "sed 's/a/b/' a",
  ])('is not %s', (command) => expect(isDestructive(command)).toBe(false));
});
