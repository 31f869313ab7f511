import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Stack } from '#embedded';
import { packageFolder } from '#runtime';
import type { Log } from '../../apps/cli/src/commands/checkpoints/log.view.js';
import type { Shown } from '../../apps/cli/src/commands/checkpoints/show.view.js';
import type { Status } from '../../apps/cli/src/commands/tasks/status.view.js';

/** What `patchpoint` answered, as `--json` has it. */
export interface Played {
  status: Status;
  log: Log;
  show: Shown;
}

/** Settings of the daemon with which {@link playScenario} gives the same every time. */
export const SCENARIO_ENVIRONMENT = {
  PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0',
  PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true',
} as const;

/** A task with two checkpoints, and what the commands say of it. `folder` is empty and stays. */
export async function playScenario(stack: Stack, folder: string): Promise<Played> {
  const source = await makeSource(join(folder, 'app'));
  const [edited, go, done] = ['edited', 'go', 'done'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const plan = `echo 'export const login = (user) => user.name;' > src/login.ts
rm src/legacy.ts
touch ${edited}
while [ ! -e ${go} ]; do sleep 0.05; done
printf 'Log in with a name.\\n' > docs.md
touch ${done}
sleep 600`;
  const patchpoint = (...args: string[]) => runPatchpoint(stack, ...args);
  await patchpoint('run', '--repo', source, '--runner', 'shell', '--name', 'fix-login', '--', plan);
  await untilExists(edited);
  await patchpoint('checkpoint', 'fix-login', '-m', 'Replace the legacy login');
  writeFileSync(go, '');
  await untilExists(done);
  await patchpoint('checkpoint', 'fix-login', '-m', 'Describe the login');
  return {
    status: JSON.parse(await patchpoint('status', '--json')) as Status,
    log: JSON.parse(await patchpoint('log', 'fix-login', '--json')) as Log,
    show: JSON.parse(await patchpoint('show', 'fix-login', '--json')) as Shown,
  };
}

/** @throws when it ends with another exit code than 0 */
async function runPatchpoint(stack: Stack, ...args: string[]): Promise<string> {
  const main = join(packageFolder(), 'dist/apps/cli/src/main.js');
  const { stdout } = await execa('node', [main, ...args], {
    env: { PATCHPOINT_SERVER: stack.patchStore.url },
  });
  return stdout;
}

async function makeSource(dir: string): Promise<string> {
  mkdirSync(join(dir, 'src'), { recursive: true });
  writeFileSync(join(dir, 'src/login.ts'), 'export const login = () => undefined;\n');
  writeFileSync(join(dir, 'src/legacy.ts'), '// to be removed\n');
  const person = { NAME: 'Ada', EMAIL: 'ada@example.com', DATE: '@0 +0000' };
  const env: Record<string, string> = { GIT_CONFIG_GLOBAL: '/dev/null' };
  for (const [key, value] of Object.entries(person)) {
    env[`GIT_AUTHOR_${key}`] = value;
    env[`GIT_COMMITTER_${key}`] = value;
  }
  const git = (...args: string[]) => execa('git', args, { cwd: dir, env });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '-A');
  await git('commit', '--quiet', '-m', 'first');
  return dir;
}

async function untilExists(file: string): Promise<void> {
  for (let tries = 0; !existsSync(file); tries++) {
    if (tries > 1200) throw new Error(`${file} did not come.`);
    await sleep(50);
  }
}
