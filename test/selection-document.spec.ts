import { describe, expect, it } from '@jest/globals';
import { DEPENDENCY_FOLDERS, NOT_SECRET_NAMES, SECRET_NAMES } from '#git';
import { readDocument } from './testing/documents.js';

const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

it('docs/reliability.md lists the folders that count as dependencies', () => {
  const [, listed] = /^These folders count as dependencies: ([^]*?)\.\n\n/m.exec(
    readDocument('docs/reliability.md'),
  )!;
  expect(namesIn(listed!)).toEqual(DEPENDENCY_FOLDERS);
});

describe('docs/security.md', () => {
  const [, listed, exempt] =
    /^These names look like secrets([^]*?)\. (Names that end in[^]*?) do\s+not\./m.exec(
      readDocument('docs/security.md'),
    )!;

  it('lists the names that look like secrets', () => {
    expect(namesIn(listed!)).toEqual(SECRET_NAMES);
  });

  it('lists those that do not', () => {
    expect(namesIn(exempt!).map((ending) => `*${ending}`)).toEqual(NOT_SECRET_NAMES);
  });
});
