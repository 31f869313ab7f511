import { markdownTable } from '../shared/table.js';
import type { Reading, Refusal } from './measure-decoding.js';

export interface Circumstances {
  takenAt: Date;
  nodeVersion: string;
  cores: number;
  loadAtStart: number;
}

/**
 * How much more than its size the time of a message may grow: 1 is linear, and the square is 16 for a message
 * of 16 times the size. Larger ones miss the caches of the processor.
 */
const MOST_GROWTH = 2;

/** How much longer than before a message that daemons send may take. */
const MOST_SLOWER = 1.05;

/** Pure: the page. */
export function writeReport(
  refusals: readonly Refusal[],
  readings: readonly Reading[],
  { takenAt, nodeVersion, cores, loadAtStart }: Circumstances,
): string {
  const refusalRows = refusals.map(({ kind, sizeBytes, outcome, milliseconds, formerMilliseconds }) => [
    kind,
    `${Math.round(sizeBytes / 1000)} KB`,
    outcome,
    milliseconds.toFixed(1),
    formerMilliseconds === null ? '–' : formerMilliseconds.toFixed(0),
  ]);
  const readingRows = readings.map(({ kind, microseconds, formerMicroseconds }) => [
    kind,
    microseconds.toFixed(0),
    formerMicroseconds.toFixed(0),
    (microseconds / formerMicroseconds).toFixed(2),
  ]);
  const growth = Math.max(
    ...kindsOf(refusals).map((kind) => growthOf(refusals.filter((each) => each.kind === kind))),
  );
  const slower = Math.max(...readings.map((each) => each.microseconds / each.formerMicroseconds));
  return `# What it costs to decode, and to refuse

\`npm run bench:decode\` writes this page. A message is read once from its beginning to its end, and no rule sees a key that its class does
not have: the time grows linearly with the size, whatever is sent.

## Hostile messages

A CheckpointCreated with more in it than there should be. Times in milliseconds.

${markdownTable(['with', 'size', 'outcome', 'decode', 'before'], refusalRows)}

Wanted: the time grows at most ${MOST_GROWTH} times as much as the size. Measured: ${growth.toFixed(2)} at most, ${growth <= MOST_GROWTH ? 'met' : 'missed'}.

## Messages as daemons send them

A CheckpointCreated that is read. Times in microseconds.

${markdownTable(['with', 'decode', 'before', 'decode ÷ before'], readingRows)}

Wanted: at most ${MOST_SLOWER} of the time before. Measured: ${slower.toFixed(2)} at most, ${slower <= MOST_SLOWER ? 'met' : 'missed'}.

- Before: \`JSON.parse\`, class-transformer and class-validator without limits, in the same run. –: not tried, because a smaller message had
  taken longer than a second.
- Lower quartiles, of 31 refusals (one before) and of 3,000 messages read. ${takenAt.toISOString().slice(0, 10)}, Node ${nodeVersion}, ${cores} cores, load ${loadAtStart.toFixed(1)} at the start.
`;
}

function kindsOf(refusals: readonly Refusal[]): string[] {
  return [...new Set(refusals.map(({ kind }) => kind))];
}

/** Of the time from the smallest to any other one, in proportion to that of the size. */
function growthOf([smallest, ...others]: readonly Refusal[]): number {
  const perByte = ({ milliseconds, sizeBytes }: Refusal): number => milliseconds / sizeBytes;
  return Math.max(0, ...others.map((other) => perByte(other) / perByte(smallest!)));
}
