import type { Runner } from '#agents';
import type { Unattended } from '#contracts';
import { ok, problem, skipped, warning, type Finding } from './finding.js';

/** What this machine shows of a runner's program. */
export interface RunnerSigns {
  isBuiltIn: boolean;
  /** Where the program is; undefined: nowhere on PATH. */
  path: string | undefined;
  /** Undefined for a program that is not asked for it. */
  version: string | undefined;
  /** Why it does not say its version. */
  programProblem: string | undefined;
  /** How far a task that does not choose may act. */
  unattended: Unattended;
  /** Why the program's own sandbox does not start here. */
  sandboxProblem: string | undefined;
  isRoot: boolean;
  isContainer: boolean;
}

/** Pure: whether a daemon on this machine can run tasks with it while nobody watches. */
export function judgeRunner(name: string, runner: Runner, signs: RunnerSigns): Finding {
  const what = `runner ${name}`;
  const program = runner.start[0]!;
  const { path, version, programProblem, unattended, sandboxProblem, isRoot, isContainer } = signs;
  if (path === undefined) {
    const missing = signs.isBuiltIn ? skipped : problem;
    return missing(what, `${program} is not on PATH`, `Install it where daemons run tasks with "${name}".`);
  }
  if (programProblem !== undefined) {
    return problem(what, `${path} does not run: ${programProblem}`, `Install ${program} again.`);
  }
  if (sandboxProblem !== undefined) {
    return problem(
      what,
      `its sandbox does not start here: ${sandboxProblem}`,
      'Without it the agent can run no command. In a container, set PATCHPOINT_UNATTENDED=full.',
    );
  }
  const limits = runner.permissions === undefined ? 'without limits of ours' : `unattended: ${unattended}`;
  const who = isRoot ? ', as root' : '';
  const found = `${version ?? path}, acts ${limits}${who}`;
  if (runner.permissions === undefined || unattended !== 'full' || isContainer) return ok(what, found);
  return warning(
    what,
    `${found}, and this is no container as far as can be seen`,
    'Let the daemon run in a container, or set PATCHPOINT_UNATTENDED=worktree.',
  );
}
