import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from '../privacy/private-files.js';

/** The ports of a stack, on 127.0.0.1. */
export interface StackPorts {
  readonly patchStore: number;
  readonly nats: number;
  readonly postgres: number;
}

/** A server that could not have the port of the last time. */
export interface MovedPort {
  readonly server: keyof StackPorts;
  readonly from: number;
  readonly to: number;
}

const SERVERS = ['patchStore', 'nats', 'postgres'] as const;

/**
 * The ports that the stack on a data folder had last, so that whoever uses it finds it again after a restart.
 * What is missing or damaged is left out: then the ports are chosen anew.
 */
export async function readKeptPorts(dataDir: string): Promise<Partial<StackPorts>> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => '');
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return {};
  }
  const found = Object(kept) as Partial<Record<keyof StackPorts, unknown>>;
  return Object.fromEntries(SERVERS.flatMap((name) => (isPort(found[name]) ? [[name, found[name]]] : [])));
}

/** Replaces them at once: a reader finds the old ones or the new ones. */
export function keepPorts(dataDir: string, ports: StackPorts): void {
  writePrivately(fileIn(dataDir), `${JSON.stringify(ports, null, 2)}\n`);
}

/** Pure: which of the kept ports are others now. */
export function movedPorts(kept: Partial<StackPorts>, now: StackPorts): MovedPort[] {
  return SERVERS.flatMap((server) => {
    const from = kept[server];
    return from === undefined || from === now[server] ? [] : [{ server, from, to: now[server] }];
  });
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'ports.json');
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
}
