import { join } from 'node:path';
import { withOtherGit } from './with-other-git.js';

/**
 * Runs a test with a git that hashes into no index what has one of these words in its path, and says what a
 * real one might say, so that what hangs on chance elsewhere (a write at the wrong moment, a bad sector) is
 * certain. Everything else is the real git.
 *
 * @param before shell commands that run when it refuses
 */
export async function whileGitRefuses(
  dir: string,
  { words, says, before = '' }: { words: string; says: string; before?: string },
  test: () => Promise<void>,
): Promise<void> {
  const script = (realGit: string) => `#!/bin/bash
case " $* " in *" update-index --add --remove --replace "*) ;; *) exec ${realGit} "$@";; esac
paths=$(mktemp); trap 'rm -f "$paths"' EXIT
cat > "$paths"
if tr '\\0' '\\n' < "$paths" | grep -qE '${words}'; then ${before || ':'}; echo '${says}' >&2; exit 128; fi
${realGit} "$@" < "$paths"`;
  await withOtherGit(join(dir, 'refusing-git'), script, test);
}
