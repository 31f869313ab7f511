import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isErrorCode, MAX_JSON_DEPTH, MAX_JSON_VALUES, MAX_MESSAGE_BYTES } from '#contracts';
import { packageFolder } from '#runtime';

const page = readFileSync(join(packageFolder(), 'docs/http.md'), 'utf8');

describe('docs/http.md', () => {
  it('lists every endpoint that docs/openapi.json describes, and no other', () => {
    const listed = [...page.matchAll(/^\| (`.*?) *\|/gm)].flatMap(([, cell]) => endpointsOf(cell!));
    expect(listed.toSorted()).toEqual(describedEndpoints().toSorted());
  });

  it('names the limits that hold', () => {
    const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;
    expect(page).toContain(`over ${mebibytes(MAX_MESSAGE_BYTES)} (the default of NATS)`);
    expect(page).toContain(`more than ${MAX_JSON_DEPTH} arrays and objects`);
    expect(page).toContain(`more than ${MAX_JSON_VALUES.toLocaleString('en')} values`);
    const codes = [...page.matchAll(/^- `([A-Z_]+)`: /gm)].map(([, code]) => code!);
    expect(codes).toHaveLength(8);
    expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
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
