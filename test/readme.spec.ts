import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageFolder, variableNames } from '#runtime';
import { IngestEnvironment } from '../apps/checkpoint-ingest/src/ingest.config.js';
import { AgentEnvironment } from '../apps/daemon-agent/src/agent.config.js';
import { JanitorEnvironment } from '../apps/janitor/src/janitor.config.js';
import { PatchStoreEnvironment } from '../apps/patch-store/src/patch-store.config.js';

const readme = readFileSync(join(packageFolder(), 'README.md'), 'utf8');

/** variable → default, from the README's table. */
const documented = new Map(
  [...readme.matchAll(/^\| `([A-Z_]+)`\s*\|\s*([^|]+?)\s*\|/gm)].map(([, name, value]) => [
    name!,
    value!.trim(),
  ]),
);

describe("the README's table of settings", () => {
  const classes = [IngestEnvironment, PatchStoreEnvironment, JanitorEnvironment, AgentEnvironment];

  it('names every variable that an app understands, and no other', () => {
    const understood = new Set(classes.flatMap((type) => variableNames(type)));
    expect([...documented.keys()].sort()).toEqual([...understood].sort());
  });

  it.each(classes)('gives the defaults of %p', (type) => {
    const defaults = Object.entries(new type()).filter(([, value]) => value !== undefined);
    for (const [name, value] of defaults)
      expect([name, documented.get(name)]).toEqual([name, `\`${value}\``]);
  });
});

describe("the README's table of the API", () => {
  const section = /### HTTP API\n[^]*?(?=\n###? )/.exec(readme)?.[0] ?? '';

  it('names every endpoint that docs/openapi.json describes, and no other', () => {
    const named = [...section.matchAll(/^\| (`.*?) *\|/gm)].flatMap(([, cell]) => endpointsOf(cell!));
    expect(named.toSorted()).toEqual(describedEndpoints().toSorted());
  });
});

describe("the README's commands", () => {
  it('are scripts of the package', () => {
    const { scripts } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm (?:run )?(demo|test|start|migrate)\b/g)].map(([, name]) => name!);
    expect(new Set(named)).toEqual(new Set(['demo', 'test', 'start', 'migrate']));
    for (const name of named) expect(scripts).toHaveProperty(name);
  });
});

/** `POST /tasks/{id}/stop` for each method and path of the generated description. */
function describedEndpoints(): string[] {
  const { paths } = JSON.parse(readFileSync(join(packageFolder(), 'docs/openapi.json'), 'utf8')) as {
    paths: Record<string, object>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/^\/v1/, '')}`),
  );
}

/**
 * The endpoints of a cell: methods hold until others come, several may share a path, and `…` is the path
 * before it.
 */
function endpointsOf(cell: string): string[] {
  let methods: string[] = [];
  let path = '';
  return [...cell.matchAll(/`(?:([A-Z]+) ?)?([^`]*)`/g)].flatMap(([, method, place]) => {
    const isFirstPath = path === '';
    if (method !== undefined) methods = isFirstPath ? [...methods, method] : [method];
    if (place === '') return [];
    path = place!.replace(/^…/, path);
    return methods.map((each) => `${each} ${path}`);
  });
}
