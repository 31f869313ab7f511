import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { CreateTaskBody, ResumeTaskBody, decodeValue } from '#contracts';
import { packageFolder } from '#runtime';
import { openApi } from './openapi.js';

const committed = readFileSync(join(packageFolder(), openApi.path), 'utf8');
interface Operation {
  operationId: string;
  requestBody?: { content: { 'application/json': { example?: object } } };
}
const document = JSON.parse(committed) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, object>; required: string[] }> };
};

describe(openApi.path, () => {
  it('is what the code says (`npm run docs` writes it)', async () => {
    expect(committed).toBe(await openApi.make());
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(committed))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('names every operation once, and leads nowhere that is not there', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(20);
    for (const [, name] of committed.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name!);
    }
  });

  it('offers examples that are not refused', () => {
    const exampleOf = (path: string) =>
      document.paths[path]!['post']!.requestBody!.content['application/json'].example;
    expect(decodeValue(CreateTaskBody, exampleOf('/v1/tasks'))).toMatchObject({ runner: 'shell' });
    expect(decodeValue(ResumeTaskBody, exampleOf('/v1/tasks/{id}/resume'))).toMatchObject({ force: false });
  });

  it('says that a field which may be null is always there', () => {
    const { properties, required } = document.components.schemas['TaskView']!;
    expect(required).toContain('endedAt');
    expect(properties['endedAt']).toMatchObject({ type: ['string', 'null'] });
  });
});
