/** How long each checkpoint of the good daemon took, from its publication to its confirmation. */
export interface Measured {
  milliseconds: readonly number[];
}

export interface FloodResult {
  alone: Measured;
  flooded: Measured;
  /** Messages of the other daemon. */
  sent: number;
}

/** Pure: the page of the benchmark. */
export function floodReport({ alone, flooded, sent }: FloodResult): string {
  return `# A flood

How long a checkpoint of one daemon takes from its publication to its CheckpointStored, alone and while another daemon sends
${sent} messages in bursts of 2,100: no JSON, nesting of 3,000, well-formed checkpoints whose bytes never come, reports, requests and
heartbeats that nobody can read. Two replicas of checkpoint-ingest. \`npm run bench:flood\` writes this page.

| | checkpoints | p50 | p99 | slowest |
| --- | --- | --- | --- | --- |
${row('alone', alone)}
${row('with the flood', flooded)}
`;
}

function row(name: string, { milliseconds }: Measured): string {
  const at = (share: number) => `${Math.round(quantile(milliseconds, share))} ms`;
  return `| ${name} | ${milliseconds.length} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`;
}

/** Pure: the smallest value that so large a share of all is not above. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
