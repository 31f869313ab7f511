import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { execa } from 'execa';
import { packageFolder } from '#runtime';
import { eventually, useDatabase, useNats } from '#testing';
import { createProgram } from '../apps/cli/src/program.js';
import { readOptions } from './faults/random/options.js';
import { documentCommands } from './testing/document-commands.js';
import { commandsOf, documents, readDocument } from './testing/documents.js';

const root = packageFolder();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const written = documents.flatMap(commandsOf);
const fromDocuments = (beginning: string): string => {
  const found = written.find((command) => command.startsWith(beginning));
  if (found === undefined) throw new Error(`No document has a command "${beginning}…".`);
  return found;
};

describe('the commands of the documents', () => {
  it.each(documents)('are all tested, or named with a reason: %s', (document) => {
    expect(commandsOf(document).filter((command) => documentCommands[command] === undefined)).toEqual([]);
  });

  it('are all in a document', () => {
    expect(Object.keys(documentCommands).filter((command) => !written.includes(command))).toEqual([]);
  });

  it.each(Object.entries(documentCommands))('%s is run by the spec that is named', (_, tested) => {
    if ('notRun' in tested) expect(tested.notRun).not.toBe('');
    else expect(read(tested.spec)).toContain(tested.by);
  });

  it('are scripts of the package, where npm runs them', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((document) =>
      [...readDocument(document).matchAll(/\bnpm (?:run ([\w:]+)|(test|start))\b/g)].map(
        ([, script, short]) => script ?? short!,
      ),
    );
    expect(named).not.toEqual([]);
    expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('the commands of patchpoint that documents name', () => {
  // The changelog also names what is gone.
  const current = documents.filter((document) => document !== 'CHANGELOG.md');

  it.each(current)('exist, with their options: %s', async (document) => {
    const program = await createProgram();
    const named = [...readDocument(document).matchAll(/(?:`|^ *\$? *)(?:npx )?patchpoint ([^`\n]+)/gm)].map(
      ([, args]) => args!,
    );
    expect(named.flatMap((args) => faultsOf(program, args))).toEqual([]);
  });
});

describe('what the documents tell contributors and operators to run', () => {
  const database = useDatabase();
  const nats = useNats();

  it('runs one app as operators do', async () => {
    const command = fromDocuments('DATABASE_URL=postgres://… NATS_URL=')
      .replace('postgres://…', database.url)
      .replace('nats://…', nats.url);
    // A terminal of its own: SIGTERM reaches all in it, and the shell waits to tell how the app ended.
    const app = execa(`trap : TERM; ${command}`, {
      cwd: root,
      shell: true,
      detached: true,
      all: true,
      reject: false,
      buffer: false,
    });
    let output = '';
    app.all.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => expect(output).toContain('"msg":"listening"'), { timeoutMs: 60_000 });
    process.kill(-app.pid!, 'SIGTERM');
    expect((await app).exitCode).toBe(0);
    expect(output).toContain('"msg":"stopping"');
  });

  it('chooses specs by path', async () => {
    const command = `${fromDocuments('npm run jest')} --listTests`;
    const { stdout } = await execa(command, { cwd: root, shell: true });
    const specs = stdout.split('\n').filter((line) => line.endsWith('.spec.ts'));
    expect(specs.length).toBeGreaterThan(10);
    expect(specs.filter((path) => !path.includes('/libs/git/'))).toEqual([]);
  });

  it('leaves out what takes long, unless all is asked for', async () => {
    const listed = async (env: Record<string, string>): Promise<string[]> => {
      const { stdout } = await execa('npm', ['run', 'jest', '--', '--listTests'], { cwd: root, env });
      return stdout.split('\n').filter((line) => line.endsWith('.spec.ts'));
    };
    const some = await listed({ PATCHPOINT_TESTS: '' });
    const all = await listed({ PATCHPOINT_TESTS: 'all' });
    const takesLong = /\/test\/(faults|long)\/|\.(faults|long)\.spec\.ts$/;
    expect(all.filter((path) => takesLong.test(path)).length).toBeGreaterThan(10);
    expect(some.sort()).toEqual(all.filter((path) => !takesLong.test(path)).sort());
  });

  it('generates the documents', async () => {
    // docs/cli.md needs a whole stack; test/long/cli.spec.ts compares it.
    const permissions = 'examples/nats-permissions/nats-server.conf';
    const generated = ['docs/asyncapi.yaml', 'docs/openapi.json', permissions];
    const run = await execa('node', ['dist/generators/main.js', '--check', ...generated], { cwd: root });
    expect(run.exitCode).toBe(0);
  });

  it('prints an account for one more daemon, as the example has it', async () => {
    const command = fromDocuments('npx patchpoint nats-permissions');
    const { stdout } = await execa(command, { cwd: root, shell: true });
    const example = readFileSync(join(root, 'examples/nats-permissions/nats-server.conf'), 'utf8');
    const ofExample = stdout.replaceAll('worker-2', 'worker-1').replaceAll('WORKER_2', 'WORKER_1');
    expect(example.replaceAll(/^ +/gm, '')).toContain(ofExample.replaceAll(/^ +/gm, ''));
  });

  it('takes the options of the random runner', () => {
    const [, options] = fromDocuments('npm run test:faults -- --random').split(' --random ');
    expect(readOptions(options!.split(' '), () => 1)).toMatchObject({ rounds: 100, components: ['nats'] });
  });
});

/** What of `restore fix-login --into x` the program does not know: the command, or its options. */
function faultsOf(program: Command, args: string): string[] {
  let command = program;
  const [own] = args.split(/ -- | \| | # |…/) as [string];
  const words = own.trim().split(/\s+/);
  while (words.length > 0) {
    const next = command.commands.find((each) => each.name() === words[0]);
    if (next === undefined) break;
    command = next;
    words.shift();
  }
  if (command === program && /^[a-z]/.test(words[0] ?? '')) return [`patchpoint ${words[0]}`];
  const known = new Set([
    ...command.options.flatMap(({ long, short }) => [long, short]),
    '--help',
    '--version',
  ]);
  const options = words.flatMap((word) => /^-{1,2}[a-z][\w-]*/.exec(word)?.[0] ?? []);
  return options.filter((option) => !known.has(option)).map((option) => `patchpoint ${args}: ${option}`);
}
