import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import { cloudEventHeaders, subjects } from '#contracts';
import { STREAMS } from '#messaging';
import { packageFolder } from '#runtime';
import { asyncApi } from './asyncapi.js';
import { channels } from './channels.js';

const committed = readFileSync(join(packageFolder(), asyncApi.path), 'utf8');

describe(asyncApi.path, () => {
  it('is what the contracts say (`npm run docs` writes it)', async () => {
    expect(committed).toBe(await asyncApi.make());
  });

  it('is valid AsyncAPI', async () => {
    const { document, diagnostics } = await new Parser().parse(committed);
    expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
  });

  it('is introduced by docs/subscribing.md, with every kind of event and every header', () => {
    const page = readFileSync(join(packageFolder(), 'docs/subscribing.md'), 'utf8');
    const headers = cloudEventHeaders(subjects.event('d', 't', 'task-lost'), {
      id: '',
      recordedAt: new Date(0),
    });
    const words = [...channels.flatMap(({ kind }) => kind ?? []), ...Object.keys(headers!)];
    expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
  });

  it('says of every stream what it holds', () => {
    const named = [...committed.matchAll(/x-stream: (\w+)/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(Object.values(STREAMS).map(({ name }) => name)));
  });
});
