import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { v7 as uuidv7 } from 'uuid';
import { AGENT_TOOLS } from '#contracts';
import { eventually, temporaryFolder } from '#testing';
import { useDrivenStack } from '../testing/use-driven-stack.js';

const main = join(import.meta.dirname, '../../dist/apps/cli/src/main.js');

describe('`patchpoint mcp` in a task', () => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  let client: Client;
  let taskId: string;
  let dir: string;

  beforeAll(async () => {
    await test.stack.startAgent('tooled', {
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false', // what was committed is captured, ignored or not
    });
    taskId = uuidv7();
    const plan = 'printenv PATCHPOINT_ENDPOINT > ../endpoint.new; mv ../endpoint.new ../endpoint; sleep 600';
    await test.run({ id: taskId, daemonId: 'tooled', repoUrl: 'new://tools', plan });
    dir = (await test.untilState(taskId, 'running')).worktreePath!;
    await eventually(() => expect(existsSync(join(dir, '../endpoint'))).toBe(true));
    const endpoint = readFileSync(join(dir, '../endpoint'), 'utf8').trim();
    client = new Client({ name: 'a test', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [main, 'mcp'],
        env: { PATCHPOINT_ENDPOINT: endpoint },
      }),
    );
  });
  afterAll(async () => {
    await client.close();
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
  });

  async function call(name: string, input: Record<string, unknown> = {}) {
    const { content, isError } = await client.callTool({ name, arguments: input });
    const [{ text }] = content as [{ text: string }];
    return { text, isError: isError === true };
  }
  const result = async (name: string, input?: Record<string, unknown>) => {
    const { text, isError } = await call(name, input);
    expect({ text, isError }).toMatchObject({ isError: false });
    return JSON.parse(text);
  };

  it('offers its tools', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([...AGENT_TOOLS]);
    for (const tool of tools) expect(tool.description).toBeTruthy();
  });

  it('takes checkpoints, and lists and shows them', async () => {
    writeFileSync(join(dir, 'a.txt'), 'first\n');
    expect(await result('checkpoint', { message: 'before the risky part' })).toMatchObject({ taken: true });
    const { number } = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'manual');
    // Until the daemon knows that it is stored, the same state may be taken once more.
    const recordFile = join(test.stack.stateDirOf('tooled'), 'tasks', `${taskId}.json`);
    await eventually(() =>
      expect(JSON.parse(readFileSync(recordFile, 'utf8'))).toMatchObject({ lastCapture: { settled: true } }),
    );
    expect(await result('checkpoint')).toMatchObject({ taken: false });
    const { checkpoints } = await result('list_checkpoints');
    expect(checkpoints[0]).toMatchObject({ number, kind: 'manual', message: 'before the risky part' });
    expect((await result('list_checkpoints', { before: number })).checkpoints).toEqual([]);
    expect(await result('show_checkpoint', { number })).toMatchObject({
      number,
      message: 'before the risky part',
      files: [expect.objectContaining({ path: 'a.txt', status: 'added' })],
    });
  });

  it('restores paths over what is there, which is in a checkpoint first, and never through a link', async () => {
    mkdirSync(join(dir, 'src'));
    writeFileSync(join(dir, 'src/b.txt'), 'good\n');
    await result('checkpoint', { message: 'good' });
    const { number } = await test.untilCheckpoint(taskId, ({ message }) => message === 'good');
    writeFileSync(join(dir, 'src/b.txt'), 'broken\n');
    writeFileSync(join(dir, 'a.txt'), 'changed\n');
    expect(await result('restore_paths', { number, paths: ['src'] })).toEqual({ restored: ['src/b.txt'] });
    expect(readFileSync(join(dir, 'src/b.txt'), 'utf8')).toBe('good\n');
    expect(readFileSync(join(dir, 'a.txt'), 'utf8')).toBe('changed\n');
    const before = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'before-command');
    expect(before.message).toBe(`Before restoring from checkpoint ${number}`);
    expect(readdirSync(join(dir, '..')).join(' ')).not.toContain('restored-');

    const outside = temporaryFolder();
    writeFileSync(join(outside, 'b.txt'), 'of a person');
    rmSync(join(dir, 'src'), { recursive: true });
    symlinkSync(outside, join(dir, 'src'));
    const refused = await call('restore_paths', { number, paths: ['src/b.txt'] });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('in the way') });
    expect(readFileSync(join(outside, 'b.txt'), 'utf8')).toBe('of a person');
  });

  it('restores nothing over what is in no checkpoint', async () => {
    writeFileSync(join(dir, 'local.cfg'), 'first\n');
    writeFileSync(join(dir, 'other.txt'), 'first\n');
    await result('checkpoint', { message: 'not ignored yet' });
    const { number } = await test.untilCheckpoint(taskId, ({ message }) => message === 'not ignored yet');
    writeFileSync(join(dir, '.gitignore'), 'local.cfg\n');
    writeFileSync(join(dir, 'local.cfg'), 'hours of work\n');
    writeFileSync(join(dir, 'other.txt'), 'second\n');
    const paths = ['other.txt', 'local.cfg'];
    expect(await call('restore_paths', { number, paths })).toMatchObject({
      isError: true,
      text: expect.stringContaining('local.cfg is in no checkpoint as it is now'),
    });
    expect(readFileSync(join(dir, 'local.cfg'), 'utf8')).toBe('hours of work\n');
    expect(readFileSync(join(dir, 'other.txt'), 'utf8')).toBe('second\n');
    rmSync(join(dir, 'local.cfg'));
    expect(await result('restore_paths', { number, paths })).toEqual({
      restored: expect.arrayContaining(paths),
    });
  });

  it('says what is wrong with a call, and goes on', async () => {
    const missing = await call('show_checkpoint', { number: 99 });
    expect(missing).toMatchObject({ isError: true, text: expect.stringContaining('no checkpoint 99') });
    expect(await call('restore_paths', { number: 1, paths: ['none'] })).toMatchObject({ isError: true });
    expect((await call('recovery_brief')).text).toContain('first start of the task');
  });
});
