import { describe, expect, it } from '@jest/globals';
import type { Modes } from '../values/modes.js';
import { composeModes, type OtherMode } from './compose-modes.js';
import { ModeRules } from './mode-rules.js';

const usual = { files: 0o644, executables: 0o755, folders: 0o755 };
const file = (path: string, mode: number): OtherMode => ({ path, kind: 'file', mode });

/** What comes back for each of them. */
function restored(modes: Modes | null, others: readonly OtherMode[]): number[] {
  const rules = new ModeRules(modes!);
  return others.map(({ path, kind }) => rules.modeOf(Buffer.from(path, 'latin1'), kind));
}

describe('the manifest of modes', () => {
  const others: OtherMode[] = [
    ...Array.from({ length: 50 }, (_, n) => file(`secrets/${n}`, n % 2 === 0 ? 0o600 : 0o640)),
    ...Array.from({ length: 9 }, (_, n) => file(`secrets/deep/${n}`, 0o400)),
    ...Array.from({ length: 3 }, (_, n) => file(`keys/${n}`, 0o440)),
    file('top', 0o444),
    { path: 'secrets', kind: 'folder', mode: 0o700 },
    { path: 'bin/tool', kind: 'executable', mode: 0o700 },
  ];

  it('is none where nothing differs from a checkout', () => {
    expect(composeModes(usual, [])).toEqual({ modes: null, narrowedCount: 0 });
    expect(composeModes({ ...usual, files: 0o664 }, []).modes).toEqual({
      ...usual,
      files: 0o664,
      exceptions: [],
    });
  });

  it('names each path whose mode differs, and is the same for the same modes', () => {
    const { modes, narrowedCount } = composeModes(usual, others);
    expect(narrowedCount).toBe(0);
    expect(restored(modes, others)).toEqual(others.map(({ mode }) => mode));
    expect(composeModes(usual, others.toReversed()).modes).toEqual(modes);
  });

  it.each([2000, 800, 300, 130, 60, 0])(
    'makes nothing wider where there is room for %d bytes only, and has no more',
    (maxBytes) => {
      const { modes, narrowedCount } = composeModes(usual, others, maxBytes);
      expect(JSON.stringify(modes!.exceptions).length).toBeLessThanOrEqual(Math.max(2, maxBytes));
      const unnamed = [
        file('secrets/plain', 0o644),
        file('other', 0o644),
        { path: 'secrets/deep/run', kind: 'executable' as const, mode: 0o755 },
        { path: 'src', kind: 'folder' as const, mode: 0o755 },
      ];
      const all = [...others, ...unnamed];
      const wider = restored(modes, all).filter((mode, at) => (mode & ~all[at]!.mode) !== 0);
      expect(wider).toEqual([]);
      expect(narrowedCount > 0).toBe(maxBytes < 2000);
    },
  );

  it('lets a folder stand for the files in it, and keeps other files as they are', () => {
    const { modes } = composeModes(usual, others, 300);
    expect(modes).toMatchObject({ files: 0o644, executables: 0o755 });
    const files = [file('secrets/1', 0), file('secrets/deep/1', 0), file('plain', 0)];
    expect(restored(modes, files)).toEqual([0o600, 0o400, 0o644]);
  });

  it('gives names that are the same once they are UTF-8 the narrowest of their modes', () => {
    const same = [file('\xfe', 0o640), file('\xff', 0o604)];
    expect(restored(composeModes(usual, same).modes, same)).toEqual([0o600, 0o600]);
  });
});
