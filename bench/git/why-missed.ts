export type TargetKey = 'capture' | 'reference' | 'idle' | 'restore' | 'memory';

/**
 * What stands in the report, Markdown in one line, when a target was missed: where the time goes, and what
 * was tried.
 */
export const WHY_MISSED: Record<TargetKey, string> = {
  capture:
    'looking at every file takes as long as `git status` does (`diff-files` beside `ls-files --others`, on two cores). On top come reading and writing the index twice (`update-index`, `write-tree`: 15 to 25 ms each for 30,000 files) and the patch. The user’s own index would not have to be written twice, but is not ours to touch. Done: eight processes instead of thirteen, as each costs 3 to 5 ms, half of which is Node’s fork of a process of 100 MB: one for what HEAD, branch, base and folders are, one for patch and counts, none for the anchor or for what a commit holds and was asked before; the rest side by side. Tried: a split index halves the cost of each write, index version 4 saves a tenth; more index threads save nothing.',
  reference:
    'most of both is the one look at every file and the writing of the index. What the reference spends more is a `status` before that and a second `diff`; with all files in the cache and no core to spare for the side by side, that is less than it takes.',
  idle: 'an idle heartbeat is five processes, where `git status` is one: to locate the worktree and its base, to read its settings, to compare, to list, and to match the ignore rules. They run side by side, so a third core or an idle second one hides them, and a busy machine shows them. Done: no tree is written, nothing read twice. Not taken: git’s untracked cache, which would make `status` faster as well, and which takes the times of folders for proof.',
  restore:
    'nearly all of a restore is `git worktree add`. On top come the proof that the patch makes the recorded tree, before there is a folder (`read-tree`, `apply --cached`, `write-tree`), and the look at all files on disk afterwards. Neither is given up. Done: the checkout writes with as many processes as there are cores; where the disk is what it waits for, that gains nothing.',
  memory:
    'loading the libraries of the agent takes 95 to 100 MB. Done: listings are read as git writes them, folders 64 at a time, and V8 is set to save memory. What remains is the compressed patch, twice while its pieces are joined; memory set aside for the whole of it did not lower the peak.',
};
