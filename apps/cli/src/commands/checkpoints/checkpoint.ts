import type { Command } from 'commander';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { signalOfStop } from '../../shell/stop-signal.js';
import { awaitCheckpoint, patience, type Awaited } from './await-checkpoint.js';
import { findTask } from '../../find/find-task.js';
import { showView } from './show.view.js';

interface CheckpointOptions extends ServerOptions {
  readonly message: string;
}

/** `patchpoint checkpoint`: takes one now; if the command succeeds, it is stored. */
export function checkpointCommand(): Command {
  return serverCommand('checkpoint <task>', [
    'patchpoint checkpoint fix-login',
    "patchpoint checkpoint fix-login -m 'before the risky part'",
  ])
    .description('take a checkpoint of a running task now, and wait until it is stored')
    .option('-m, --message <text>', 'recorded with it', 'Manual checkpoint')
    .action(checkpoint);
}

async function checkpoint(reference: string, { message, ...server }: CheckpointOptions): Promise<void> {
  const { client, output, steps } = openSession(server);
  const task = await findTask(client, reference);
  const done = new AbortController();
  const signal = AbortSignal.any([signalOfStop(), patience(), done.signal]);
  const feed = await client.events({ task: task.id }, signal);
  try {
    await client.createCheckpoint(task.id, message);
    steps.step('waiting for the daemon');
    const asked: Awaited = {
      isAnswer: (answer) => answer.kind === 'manual' && answer.message === message,
      failure: 'No checkpoint was taken',
    };
    const number = await awaitCheckpoint(feed, asked, signal);
    output.show({ task, checkpoint: await client.checkpoint(task.id, number) }, showView);
  } finally {
    done.abort();
  }
}
