import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageFolder, variableNames } from '#runtime';
import { IngestEnvironment } from '../apps/checkpoint-ingest/src/ingest.config.js';
import { AgentEnvironment } from '../apps/daemon-agent/src/agent.environment.js';
import { JanitorEnvironment } from '../apps/janitor/src/janitor.config.js';
import { PatchStoreEnvironment } from '../apps/patch-store/src/patch-store.config.js';

const page = readFileSync(join(packageFolder(), 'docs/settings.md'), 'utf8');

/** Each section's heading names the apps that its variables are for. */
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    heading: section.split('\n', 1)[0]!,
    variables: [...section.matchAll(/^\| `([A-Z_]+)`\s*\|\s*([^|]+?)\s*\|/gm)].map(([, name, value]) => ({
      name: name!,
      default: value!.trim(),
    })),
  }));

const variablesOf = (app: string) =>
  sections
    .filter(({ heading }) => heading === 'Every app' || heading.includes(app))
    .flatMap(({ variables }) => variables);

describe.each([
  ['checkpoint-ingest', IngestEnvironment],
  ['patch-store', PatchStoreEnvironment],
  ['janitor', JanitorEnvironment],
  ['daemon-agent', AgentEnvironment],
] as const)('docs/settings.md about %s', (app, type) => {
  it('lists every variable that the app understands, once, and no other', () => {
    const listed = variablesOf(app).map(({ name }) => name);
    expect(listed.toSorted()).toEqual([...variableNames(type)].sort());
  });

  it('gives the defaults', () => {
    const listed = new Map(variablesOf(app).map((variable) => [variable.name, variable.default]));
    const defaults = Object.entries(new type()).filter(([, value]) => value !== undefined);
    for (const [name, value] of defaults) expect([name, listed.get(name)]).toEqual([name, `\`${value}\``]);
  });
});
