import { Option, type Command } from 'commander';
import { EVENT_KINDS, type EventKind } from '#contracts';
import { moment } from '../../shell/option-values.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { signalOfStop } from '../../shell/stop-signal.js';
import { findTask } from '../../find/find-task.js';
import { eventView, type AnnouncedEvent } from './event.view.js';

interface EventsOptions extends ServerOptions {
  readonly task?: string;
  readonly kind?: EventKind;
  readonly since?: Date;
}

/** `patchpoint events`: what happens, until Ctrl-C. */
export function eventsCommand(): Command {
  return serverCommand('events', [
    'patchpoint events',
    'patchpoint events --task fix-login --since 1h',
    "patchpoint events --kind checkpoint-stored --json | jq -r '.data.treeSha'",
  ])
    .description(
      'follow events until Ctrl-C, optionally replaying them from an earlier time (kept for 7 days)',
    )
    .option('--task <task>', 'only events of this task')
    .addOption(new Option('--kind <kind>', 'only events of this kind').choices(EVENT_KINDS))
    .option('--since <time>', 'from this time on: 90s, 15m, 1h, 2d ago, or 2030-01-31T14:00', moment)
    .action(events);
}

async function events({ task, kind, since, ...server }: EventsOptions): Promise<void> {
  const signal = signalOfStop();
  const { client, output } = openSession(server);
  const taskId = task === undefined ? undefined : (await findTask(client, task)).id;
  const feed = await client.events({ task: taskId, kind, since: since?.toISOString() }, signal);
  for await (const { id, event, data } of feed) {
    output.item({ id, event, data: JSON.parse(data) as AnnouncedEvent['data'] }, eventView);
  }
}
