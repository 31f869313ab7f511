import { describe, expect, it } from '@jest/globals';
import { houses, roomRules } from './rooms.mjs';

interface Rule {
  from: { path: string; pathNot: string | string[] };
  to: { path?: string; pathNot?: string };
}

/** As dependency-cruiser matches a rule with a path on both sides. */
function forbids({ from, to }: Rule, importer: string, imported: string): boolean {
  const isExempt = [from.pathNot].flat().some((path) => new RegExp(path).test(importer));
  if (to.path === undefined || isExempt || !new RegExp(from.path).test(importer)) return false;
  return new RegExp(to.path).test(imported) && !new RegExp(to.pathNot!).test(imported);
}

const isForbidden = (importer: string, imported: string): boolean =>
  (roomRules as Rule[]).some((rule) => forbids(rule, importer, imported));

describe.each(Object.entries(houses as Record<string, Record<string, string>[]>))(
  'the rooms of %s',
  (house, floors) => {
    const rooms = floors.flatMap((floor, level) => Object.keys(floor).map((room) => ({ room, level })));
    const file = (room: string): string => `${house}/${room}/a-file.ts`;

    it.each(rooms)('$room imports what is below it, and nothing above or beside it', ({ room, level }) => {
      const others = rooms.filter((each) => each.room !== room);
      const allowed = others.filter((each) => !isForbidden(file(room), file(each.room)));
      expect(allowed).toEqual(others.filter((each) => each.level > level));
    });
  },
);
