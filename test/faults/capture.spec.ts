import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { eventually, temporaryFolder } from '#testing';
import { fault } from '../testing/fault.js';
import { runCli } from '../testing/use-cli.js';
import { useAgent } from '../testing/use-agent.js';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

describe('captures that fail', () => {
  const agent = useAgent();
  const cli = (...args: string[]) =>
    runCli(temporaryFolder(), args, { PATCHPOINT_SERVER: agent.driver.stack.patchStore.url });

  /** A file where the shadow of that task has its folder: git can do nothing there. */
  function breakCaptures(taskId: string): { mend: () => void } {
    const shadow = join(agent.folder, 'shadows', taskId);
    rmSync(shadow, { recursive: true, force: true });
    writeFileSync(shadow, 'no folder');
    return { mend: () => rmSync(shadow) };
  }

  const untilUnsaved = (taskId: string, unsavedWork: boolean) =>
    eventually(async () => {
      const task = await agent.driver.patchStore.task(taskId);
      expect(task.unsavedWork).toBe(unsavedWork);
      return task;
    }, PATIENCE);

  /** What was announced of its captures, until they work again. */
  async function healthEventsOf(task: string): Promise<string[]> {
    const kinds: string[] = [];
    const since = new Date(Date.now() - 600_000).toISOString();
    const signal = AbortSignal.timeout(30_000);
    for await (const { event } of await agent.driver.patchStore.events({ task, since }, signal)) {
      if (event.startsWith('captures-')) kinds.push(event);
      if (event === 'captures-recovered') break;
    }
    return kinds;
  }

  fault('F35', 'the newest captures fail: since when and why is shown, and its end is told', async () => {
    const { driver, taskId } = agent;
    const { mend } = breakCaptures(taskId);
    agent.edit('f35.txt');
    const { failingCaptures } = await eventually(async () => {
      const task = await driver.patchStore.task(taskId);
      expect(task.failingCaptures).not.toBeNull();
      return task;
    }, PATIENCE);
    expect(Math.abs(Date.parse(failingCaptures!.since) - Date.now())).toBeLessThan(60_000);
    const status = await cli('status');
    expect(status.stdout).toMatch(/edited by the test: no capture has worked for .*: \S/);

    mend();
    await eventually(async () => {
      expect((await driver.patchStore.task(taskId)).failingCaptures).toBeNull();
    }, PATIENCE);
    expect(await healthEventsOf(taskId)).toEqual(['captures-failing', 'captures-recovered']);
  });

  /** Rewrites a database in place without a pause, until the file `end` appears or a minute is over. */
  const WRITER = `const fs = require('fs'), size = 8 << 20, until = Date.now() + 60000;
    fs.writeFileSync('dev.db', Buffer.alloc(size)); const f = fs.openSync('dev.db', 'r+');
    for (let i = 0; Date.now() < until && (i % 1000 || !fs.existsSync(process.argv[1])); i += 1)
      fs.writeSync(f, Buffer.alloc(4096, (i >> 11) % 251), 0, 4096, (i * 37 * 4096) % size);`;

  const f31 =
    'a file is rewritten in place all the time: every checkpoint is stored; that file as of one moment, or named';
  fault('F31', f31, async () => {
    const { driver, taskId, worktreeDir } = agent;
    const end = join(temporaryFolder(), 'end');
    const writer = execa(process.execPath, ['-e', WRITER, end], { cwd: worktreeDir });
    await eventually(() => expect(existsSync(join(worktreeDir, 'dev.db'))).toBe(true), PATIENCE);
    for (let round = 1; round <= 3; round += 1) {
      agent.edit('f31.txt');
      expect(await cli('checkpoint', taskId)).toMatchObject({ exitCode: 0 });
      const [newest] = await driver.patchStore.checkpoints(taskId);
      expect(newest!.patchId).not.toBeNull();
      for (const omission of newest!.omissions)
        expect(omission).toEqual({ path: 'dev.db', reason: 'changing' });
    }
    writeFileSync(end, '');
    await writer;
  });

  fault('F31', `${f31}, also when it outlives the agent`, async () => {
    const { driver } = agent;
    const end = join(temporaryFolder(), 'end');
    const script = join(temporaryFolder(), 'writer.js');
    writeFileSync(script, WRITER.replaceAll('process.argv[1]', JSON.stringify(end)));
    const { taskId } = await driver.run({
      id: uuidv7(),
      name: 'leaves-a-server',
      daemonId: 'daemon-1',
      repoUrl: 'new://example',
      plan: `setsid '${process.execPath}' '${script}' > /dev/null 2>&1 < /dev/null &
        while [ ! -e dev.db ]; do sleep 0.1; done; echo result > result.txt`,
    });
    const { unsavedWork } = await driver.untilState(taskId, 'completed');
    expect(unsavedWork).toBe(false);
    await eventually(async () => {
      const [final] = await driver.patchStore.checkpoints(taskId);
      expect(final).toMatchObject({ kind: 'final', filesChanged: 2 }); // the result and the database
    }, PATIENCE);
    writeFileSync(end, '');
  });

  it('are not hidden by the end of the task, which keeps its worktree until the work is saved', async () => {
    const { driver } = agent;
    const goFile = join(temporaryFolder(), 'go');
    const { taskId, feed } = await driver.run({
      id: uuidv7(),
      name: 'ends-badly',
      daemonId: 'daemon-1',
      repoUrl: 'new://example',
      plan: `echo ready; while [ ! -e '${goFile}' ]; do sleep 0.1; done; echo result > result.txt`,
    });
    await feed.untilSaid('ready');
    const { worktreePath } = await driver.untilState(taskId, 'running');
    const { mend } = breakCaptures(taskId);
    writeFileSync(goFile, '');
    await driver.untilState(taskId, 'completed');
    await untilUnsaved(taskId, true);
    expect((await cli('status')).stdout).toMatch(/ends-badly: unsaved work in \S+ on daemon-1, for /);

    await driver.patchStore.cleanupWorktree(taskId, { force: false });
    await eventually(() => expect(agent.log()).toContain('its last state cannot be captured'), PATIENCE);
    expect(existsSync(join(worktreePath!, 'result.txt'))).toBe(true);

    mend();
    expect((await cli('checkpoint', taskId)).exitCode).toBe(0);
    await untilUnsaved(taskId, false);
    await driver.patchStore.cleanupWorktree(taskId, { force: false });
    await eventually(() => expect(existsSync(worktreePath!)).toBe(false), PATIENCE);
  });

  it('make `run --follow` fail, although the agent succeeded', async () => {
    const goFile = join(temporaryFolder(), 'go');
    const plan = `echo ready; while [ ! -e '${goFile}' ]; do sleep 0.1; done`;
    const running = cli(
      'run',
      '--repo',
      'new://x',
      '--runner',
      'shell',
      '--name',
      'followed',
      '--follow',
      '--',
      plan,
    );
    const { id } = await eventually(async () => {
      for await (const task of agent.driver.patchStore.tasks({ name: 'followed' })) return task;
      throw new Error('not there yet');
    }, PATIENCE);
    await agent.driver.untilState(id, 'running');
    breakCaptures(id);
    writeFileSync(goFile, '');
    const { exitCode, stderr } = await running;
    expect(stderr).toContain('its last state could not be captured');
    expect(exitCode).toBe(1);
  });
});
