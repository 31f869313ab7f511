import { markdownTable } from '../shared/table.js';
import type { Growth, GrowthPlan } from './measure-growth.js';

export interface Circumstances {
  takenAt: Date;
  nodeVersion: string;
  cores: number;
  loadAtStart: number;
}

/** What may be stored and sent for each byte that a conversation grows by. */
const TARGET = 1.3;

/** Pure: the page. */
export function writeReport(
  { startBytes, stepBytes, stepsCount }: GrowthPlan,
  growths: readonly Growth[],
  { takenAt, nodeVersion, cores, loadAtStart }: Circumstances,
): string {
  const rows = growths.map(({ contents, grownBytes, storedBytes, sentBytes, floorBytes }) => [
    contents,
    kilobytes(grownBytes),
    kilobytes(floorBytes),
    kilobytes(storedBytes),
    kilobytes(sentBytes),
    (storedBytes / grownBytes).toFixed(2),
    (sentBytes / grownBytes).toFixed(2),
  ]);
  const worst = Math.max(
    ...growths.map((each) => Math.max(each.storedBytes, each.sentBytes) / each.grownBytes),
  );
  return `# What a growing conversation costs

\`npm run bench:conversations\` writes this page. A conversation of ${megabytes(startBytes)} grows ${stepsCount} times by ${kilobytes(stepBytes)}, and is
captured after each time.

${markdownTable(['contents', 'grown', 'gzip at once', 'stored', 'sent', 'stored ÷ grown', 'sent ÷ grown'], rows)}

Wanted: at most ${TARGET} for each. Measured: ${worst.toFixed(2)} at most, ${worst <= TARGET ? 'met' : 'missed'}.

- \`code\`: the sources of this repository in the lines of a transcript. \`random\`: letters that shrink to three quarters, the worst case.
- Grown: bytes of the transcript. Gzip at once: the same, compressed in one piece. Stored: the rows of checkpoints and conversations in
  Postgres, with all their columns, without indexes. Sent: what went over NATS for these checkpoints, with the patches' bytes.
- ${takenAt.toISOString().slice(0, 10)}, Node ${nodeVersion}, ${cores} cores, load ${loadAtStart.toFixed(1)} at the start. Bytes do not depend on the load.
`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} KB`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
