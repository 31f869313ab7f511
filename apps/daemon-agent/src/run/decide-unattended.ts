import { isMoreThan, type SpawnTask, type Unattended } from '#contracts';
import type { AgentConfig } from '../agent.config.js';

/**
 * Pure: how far the agent of a task may act: as the task says, or else as every task of this daemon.
 *
 * @throws Error when the task asks for more than the daemon allows: with less, its agent would fail half-way
 */
export function decideUnattended(
  { unattended: asked }: Pick<SpawnTask, 'unattended'>,
  { unattended, unattendedMost }: Pick<AgentConfig, 'unattended' | 'unattendedMost'>,
): Unattended {
  if (asked === undefined) return unattended;
  if (!isMoreThan(asked, unattendedMost)) return asked;
  throw new Error(
    `The task asks for "unattended: ${asked}", and this daemon allows "${unattendedMost}" at most. ` +
      'Ask for less, or set PATCHPOINT_UNATTENDED_MOST on the daemon.',
  );
}
