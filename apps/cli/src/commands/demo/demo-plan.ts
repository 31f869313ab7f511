import type { DemoSource } from './demo-source.js';

/** Folder in the worktree for what the task adds. */
export const DEMO_FOLDER = 'patchpoint-demo';

/** Written by the task, last, when its first piece of work is done. */
export const EDITS_DONE_LINE = 'first piece of work done, continuing';

/**
 * Pure: what the demo's task does, as a script for the `shell` runner. It edits, commits a part, leaves the
 * rest uncommitted, and then works on forever. When resumed, it waits until `goFile` exists (so that the
 * restored worktree can be inspected first), prints what it finds, and ends.
 */
export function demoPlan(source: DemoSource, goFile: string): string {
  const [first, second, third] = source.edited;
  return `set -eu
if [ "$PATCHPOINT_RESUMED" = true ]; then
  while [ ! -e '${goFile}' ]; do sleep 0.1; done
  echo "resumed as attempt $PATCHPOINT_ATTEMPT, on top of '$(git log -1 --format=%s)'"
  test -x '${DEMO_FOLDER}/run.sh' && test -L '${DEMO_FOLDER}/link' && test ! -e '${source.deleted}'
  tail -n 1 '${DEMO_FOLDER}/progress.txt'
  exit 0
fi
mkdir -p '${DEMO_FOLDER}'
echo 'A line by the agent, committed.' >> '${first}'
git add '${first}'
git -c user.name=Agent -c user.email=agent@example.com -c commit.gpgsign=false commit --quiet -m 'Agent: a first step'
echo 'A line by the agent, not committed.' >> '${second}'
echo 'Another one.' >> '${third}'
rm '${source.deleted}'
printf 'notes\\r\\nwith CRLF and no final newline' > '${DEMO_FOLDER}/a file with spaces.txt'
head -c 200000 /dev/urandom > '${DEMO_FOLDER}/image.bin'
printf '#!/bin/sh\\necho it runs\\n' > '${DEMO_FOLDER}/run.sh'
chmod +x '${DEMO_FOLDER}/run.sh'
ln -s ../'${second}' '${DEMO_FOLDER}/link'
echo '${EDITS_DONE_LINE}'
step=0
while :; do
  step=$((step + 1))
  echo "step $step" >> '${DEMO_FOLDER}/progress.txt'
  sleep 0.5
done
`;
}
