import type { Script } from '#scripted';
import type { DemoSource } from './demo-source.js';

/** Folder in the worktree for what the task adds. */
export const DEMO_FOLDER = 'patchpoint-demo';

/** What the agent is asked to do. Its model follows a script, whatever this says. */
export const DEMO_PLAN = 'Do the first piece of work, go on until you are interrupted, and finish.';

/** The name of the step that is done when there is something to lose. */
export const FIRST_PIECE = 'first-piece';

/**
 * Pure: what the agent's model tells it to do. It edits, commits a part, leaves the rest uncommitted, and
 * then works on as long as its agent lives. Once that was lost, the step that it was in comes again: it waits
 * until `goFile` exists (so that the restored worktree can be compared first), and looks at what it finds.
 */
export function demoScript(source: DemoSource, goFile: string, isLost: boolean): Script {
  return [
    { name: FIRST_PIECE, run: firstPiece(source) },
    { name: 'second-piece', run: isLost ? finish(source, goFile) : goOn },
    { say: 'All is done.' },
  ];
}

function firstPiece(source: DemoSource): string {
  const [first, second, third] = source.edited;
  return `set -eu
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
echo 'The first piece of work is done.'
`;
}

/** No agent ends what it has started when it is killed. */
const goOn = `step=0
while kill -0 $PPID 2> /dev/null; do
  step=$((step + 1))
  echo "step $step" >> '${DEMO_FOLDER}/progress.txt'
  sleep 0.5
done
`;

function finish(source: DemoSource, goFile: string): string {
  return `set -eu
while [ ! -e '${goFile}' ]; do sleep 0.1; done
git log -1 --format=%s
test -x '${DEMO_FOLDER}/run.sh' && test -L '${DEMO_FOLDER}/link' && test ! -e '${source.deleted}'
tail -n 1 '${DEMO_FOLDER}/progress.txt'
`;
}
