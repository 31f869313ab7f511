import type { Command } from 'commander';
import { answersUndo } from '#contracts';
import { findReferenced } from '../../find/find-referenced.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { signalOfStop } from '../../shell/stop-signal.js';
import { awaitCheckpoint, patience, type Awaited } from './await-checkpoint.js';
import { showView } from './show.view.js';

/** `patchpoint undo`: puts the worktree of a stopped task back. */
export function undoCommand(): Command {
  return serverCommand('undo <task[@n]>', ['patchpoint undo fix-login', 'patchpoint undo fix-login@12'])
    .description(
      'put a stopped task back by one checkpoint, files and conversation, where its daemon has them; what is there now is stored first. @N: to that one',
    )
    .action(undo);
}

const UNDONE: Awaited = { isAnswer: answersUndo, failure: 'The worktree was not put back' };

async function undo(reference: string, server: ServerOptions): Promise<void> {
  const { client, output, steps } = openSession(server);
  const { task, checkpointNumber } = await findReferenced(client, reference);
  const done = new AbortController();
  const signal = AbortSignal.any([signalOfStop(), patience(), done.signal]);
  const feed = await client.events({ task: task.id }, signal);
  try {
    await client.undo(task.id, checkpointNumber === undefined ? {} : { checkpointNumber });
    steps.step('waiting for the daemon');
    const number = await awaitCheckpoint(feed, UNDONE, signal);
    output.show({ task, checkpoint: await client.checkpoint(task.id, number) }, showView);
  } finally {
    done.abort();
  }
}
