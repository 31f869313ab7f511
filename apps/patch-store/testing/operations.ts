import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from '#contracts';
import { packageFolder } from '#runtime';

/** An endpoint, as the description of the API has it. */
export interface DescribedOperation {
  operationId: string;
  /** Upper case. */
  method: string;
  /** With `{id}`. */
  path: string;
  scopes: Scope[];
}

/** Every endpoint of docs/openapi.json: a test that asks them all covers a new one too. */
export function describedOperations(): DescribedOperation[] {
  const { paths } = JSON.parse(readFileSync(join(packageFolder(), 'docs/openapi.json'), 'utf8')) as {
    paths: Record<
      string,
      Record<string, { operationId: string; security: [{ token: Scope[] }, ...object[]] }>
    >;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security }]) => ({
      operationId,
      method: method.toUpperCase(),
      path: path.replace('{number}', '1'),
      scopes: security[0].token,
    })),
  );
}
