import type { TaskSummary } from '#contracts';
import { oneLine, shortId } from '../output/format.js';
import type { Look } from '../output/output.js';

/** Pure: that a task asked for an agent without limits. What its daemon lets every task do is not known. */
export function unattendedLine({ id, name, unattended }: TaskSummary, { paint }: Look): string | undefined {
  if (unattended !== 'full') return undefined;
  const may = "may do whatever its daemon's user may (unattended: full)";
  return paint('yellow', `${shortId(id)} ${oneLine(name)}: ${may}`);
}
