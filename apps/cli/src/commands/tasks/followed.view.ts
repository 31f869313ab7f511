import { harmless } from '#contracts/text';
import type { Look } from '../../output/output.js';
import { eventView, type AnnouncedEvent } from '../operate/event.view.js';

/** Pure: a followed task: its output unchanged, Patchpoint's lines marked, events as lines. */
export function followedView(event: AnnouncedEvent, look: Look): string {
  if (event.event !== 'task-output') return eventView(event, look);
  const { stream, text } = event.data as { stream: string; text: string };
  const words = harmless(text);
  return stream === 'system' ? look.paint('cyan', `patchpoint: ${words.trimEnd()}`) : words;
}
