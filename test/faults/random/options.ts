import { parseArgs } from 'node:util';
import { COMPONENTS, type Component } from './strikes.js';

export interface Options {
  readonly seed: number;
  readonly rounds: number;
  /** No round begins later than this after the start. */
  readonly minutes: number;
  readonly components: readonly Component[];
  /** Write the result into docs/reliability.md. */
  readonly record: boolean;
}

export const USAGE = `npm run test:faults -- --random [--seed N] [--rounds N] [--minutes M] [--component ${COMPONENTS.join('|')}|all] [--record]`;

/** @throws Error naming the option that is wrong */
export function readOptions(args: readonly string[], newSeed: () => number): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      rounds: { type: 'string', default: '20' },
      minutes: { type: 'string', default: '10' },
      component: { type: 'string', default: 'all' },
      record: { type: 'boolean', default: false },
    },
  });
  return {
    seed: values.seed === undefined ? newSeed() : wholeNumber('--seed', values.seed),
    rounds: wholeNumber('--rounds', values.rounds),
    minutes: wholeNumber('--minutes', values.minutes),
    components: componentsOf(values.component),
    record: values.record,
  };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${option} is "${text}": it must be a whole number.`);
}

function componentsOf(text: string): readonly Component[] {
  if (text === 'all') return COMPONENTS;
  const found = COMPONENTS.find((component) => component === text);
  if (found !== undefined) return [found];
  throw new Error(`--component is "${text}": it must be ${COMPONENTS.join(', ')} or all.`);
}
