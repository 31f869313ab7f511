import { CheckpointCreated, decode, encode } from '#contracts';
import { summarize } from '../shared/statistics.js';
import { formerDecode } from './former-decode.js';
import { checkpoint, hostileMessages } from './messages.js';

/** The former function is not asked for the next size once it took so long for one. */
const PATIENCE_MILLISECONDS = 1_000;

const ROUNDS = 31;
const READINGS = 3_000;

/** What became of hostile messages of one kind and size. */
export interface Refusal {
  kind: string;
  sizeBytes: number;
  /** The code of the refusal, or that it was read. */
  outcome: string;
  /** Lower quartiles. */
  milliseconds: number;
  /** Null: it had taken too long for a smaller one. */
  formerMilliseconds: number | null;
}

/** How long messages take that daemons send. */
export interface Reading {
  kind: string;
  /** Lower quartiles. */
  microseconds: number;
  formerMicroseconds: number;
}

/** Hostile messages, each kind in growing sizes. */
export function measureRefusals(sizesBytes: readonly number[]): Refusal[] {
  return Object.entries(hostileMessages).flatMap(([kind, make]) => {
    let isFormerQuick = true;
    for (let round = 0; round < ROUNDS; round++)
      outcomeOf(() => decode(CheckpointCreated, make(sizesBytes[0]!)));
    return sizesBytes.map((sizeBytes) => {
      const bytes = make(sizeBytes);
      const outcome = outcomeOf(() => decode(CheckpointCreated, bytes));
      const milliseconds = quickOf(ROUNDS, () => outcomeOf(() => decode(CheckpointCreated, bytes)));
      const formerMilliseconds = isFormerQuick
        ? quickOf(1, () => outcomeOf(() => formerDecode(CheckpointCreated, bytes)))
        : null;
      isFormerQuick &&= formerMilliseconds! < PATIENCE_MILLISECONDS;
      return { kind, sizeBytes: bytes.length, outcome, milliseconds, formerMilliseconds };
    });
  });
}

/** A message as it is sent most, and one with a patch of that size inline; each function in turn. */
export function measureReadings(patchSizesBytes: readonly number[]): Reading[] {
  return patchSizesBytes.map((patchSizeBytes) => {
    const bytes = encode(checkpoint(patchSizeBytes));
    const own = (): unknown => decode(CheckpointCreated, bytes);
    const former = (): unknown => formerDecode(CheckpointCreated, bytes);
    const times = new Map([own, former].map((work): [typeof work, number[]] => [work, []]));
    for (let round = 0; round < READINGS; round++) {
      // In turn: whoever comes second also pays for the garbage of the first.
      for (const work of round % 2 === 0 ? [own, former] : [former, own]) times.get(work)!.push(timeOf(work));
    }
    return {
      kind: `a patch of ${(patchSizeBytes / 1000).toLocaleString('en')} KB inline`,
      microseconds: 1000 * lowerQuartile(times.get(own)!),
      formerMicroseconds: 1000 * lowerQuartile(times.get(former)!),
    };
  });
}

/** What an undisturbed call takes: the median also tells of whoever else uses the machine. */
function lowerQuartile(times: readonly number[]): number {
  const { median } = summarize(times);
  return summarize(times.filter((time) => time <= median)).median;
}

function quickOf(rounds: number, work: () => unknown): number {
  return lowerQuartile(Array.from({ length: rounds }, () => timeOf(work)));
}

/** In milliseconds. */
function timeOf(work: () => unknown): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function outcomeOf(work: () => unknown): string {
  try {
    work();
    return 'read';
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
}
