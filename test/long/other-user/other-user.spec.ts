import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, temporaryFolder } from '#testing';
import { runCli } from '../../testing/use-cli.js';
import { openTerminal, type Terminal } from '../../testing/terminal.js';
import {
  attemptNames,
  portsOf,
  runStranger,
  variableOf,
  withDescendants,
  type Results,
  type Target,
} from './target.js';

/** A stranger is another user, whom only root can become; and its attempts are on Linux's /proc. */
const isPossible = process.geteuid?.() === 0 && process.platform === 'linux';
const describeAsRoot = isPossible ? describe : describe.skip;

const MARK = 'a-word-that-only-its-owner-may-read';

describeAsRoot.each(['up', 'demo'] as const)('what `patchpoint %s` runs, for another user', (command) => {
  const home = temporaryFolder();
  const stateDir = join(home, 'state/patchpoint');
  let terminal: Terminal;
  let target: Target;
  let results: Results;

  beforeAll(async () => {
    chmodSync(home, 0o755);
    terminal = command === 'up' ? startUp() : startDemo();
    await terminal.says(/Press Ctrl-C to stop/);
    target = command === 'up' ? await targetOfUp() : targetOf(dataDirOfDemo());
    results = await runStranger(target);
  }, 300_000);
  afterAll(async () => {
    expect(await terminal.interrupt()).toBe(0);
  }, 120_000);

  const names = attemptNames(command === 'up');
  it.each(names)('%s: refused', (name) => {
    expect(results).toHaveProperty([name], null);
  });

  it('is all that was tried', () => {
    expect(Object.keys(results).toSorted()).toEqual(names.toSorted());
  });

  it('is told by nothing that it prints', () => {
    expect(target.secrets.filter((secret) => terminal.output().includes(secret))).toEqual([]);
  });

  /** With folders from a time when nobody thought of others, under a umask that closes nothing. */
  function startUp(): Terminal {
    const dataDir = join(home, 'data');
    for (const folder of ['', 'run', 'nats', 'agents', 'postgres']) {
      mkdirSync(join(dataDir, folder), { recursive: true });
      chmodSync(join(dataDir, folder), 0o777);
    }
    writeFileSync(join(dataDir, 'run/patch-store.log'), MARK, { mode: 0o666 });
    return openTerminal(
      `umask 0; exec node dist/apps/cli/src/main.js up --data-dir '${dataDir}'`,
      environment(),
    );
  }

  function startDemo(): Terminal {
    return openTerminal('umask 0; exec node dist/apps/cli/src/main.js demo --keep', environment());
  }

  function environment(): Record<string, string> {
    return {
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CONFIG_HOME: join(home, 'config'),
      PATCHPOINT_API_TOKEN: '',
    };
  }

  async function targetOfUp(): Promise<Target> {
    const plan = `echo ${MARK} > words.txt; echo ready; sleep 600`;
    const args = ['run', '--repo', 'new://mine', '--runner', 'shell', '--name', MARK, '--json', '--', plan];
    const { stdout } = await runCli(home, args, {});
    const { id } = JSON.parse(stdout) as { id: string };
    const endpoint = await eventually(
      () => {
        const found = variableOf(withDescendants(terminal.pid()), 'PATCHPOINT_ENDPOINT');
        if (found === undefined) throw new Error('The agent does not run yet.');
        return found;
      },
      { timeoutMs: 60_000 },
    );
    const found = targetOf(join(home, 'data'), id);
    return { ...found, secrets: [...found.secrets, new URL(endpoint).pathname.slice(1)] };
  }

  function dataDirOfDemo(): string {
    const [, logs] = /\n\s*logs +(\S+)/.exec(terminal.output())!;
    return join(logs!, '..');
  }

  function targetOf(dataDir: string, taskId = '01a21fb0-0000-7000-8000-000000000000'): Target {
    const said = terminal.output();
    const apps = [...said.matchAll(/ (http:\/\/127\.0\.0\.1:\d+)$/gm)].map(([, url]) => url!);
    const [, natsUrl] = / (nats:\S+)/.exec(said)!;
    const postgresPort = Number(/postgresql:\S+:(\d+)\//.exec(said)![1]);
    const pids = withDescendants(terminal.pid());
    const natsPort = Number(new URL(natsUrl!).port);
    const credentials = join(dataDir, 'credentials');
    const secrets = readdirSync(credentials)
      .filter((name) => name !== 'nats-server.conf')
      .concat('../postgres/password')
      .map((name) => readFileSync(join(credentials, name), 'utf8').trim());
    return {
      server: / patch-store +(http:\S+)/.exec(said)![1]!,
      apps,
      natsUrl: natsUrl!,
      postgresPort,
      ports: portsOf(pids).filter((port) => port !== natsPort && port !== postgresPort),
      pids,
      dataDir,
      stateDir: command === 'up' ? stateDir : undefined,
      paths: [dataDir, stateDir].flatMap(everythingIn),
      taskId,
      secrets: [...secrets, MARK],
    };
  }
});

function everythingIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
