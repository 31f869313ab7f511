import { describe, expect, it } from '@jest/globals';
import { NOT_SECRET_NAMES, SECRET_NAMES } from '#git';
import { readDocument } from './testing/documents.js';

describe('docs/security.md', () => {
  const [, listed, exempt] =
    /^These names look like secrets([^]*?)\. (Names that end in[^]*?) do\s+not\./m.exec(
      readDocument('docs/security.md'),
    )!;
  const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

  it('lists the names that look like secrets', () => {
    expect(namesIn(listed!)).toEqual(SECRET_NAMES);
  });

  it('lists those that do not', () => {
    expect(namesIn(exempt!).map((ending) => `*${ending}`)).toEqual(NOT_SECRET_NAMES);
  });
});
