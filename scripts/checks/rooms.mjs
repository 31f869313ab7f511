import { apps } from './rooms-of-apps.mjs';
import { libs } from './rooms-of-libs.mjs';

/**
 * The rooms of each house (an app, a lib), from top to bottom. Arrows point downward only: a room may import
 * the rooms below it and nothing above. Rooms on one line do not know each other. A room is a folder, or a
 * file at the top of the house. What each room is for is said to whoever breaks the rule.
 */
export const houses = { ...libs, ...apps };

const within = (house, names) =>
  `^${house}/(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})(?:/|\\.ts$)`;

/**
 * Rules for dependency-cruiser: one for each room, and one for each house, whose every file lies in a room.
 */
export const roomRules = Object.entries(houses).flatMap(([house, floors]) => {
  const below = (floor) => floors.slice(floor + 1).flatMap(Object.keys);
  const rooms = floors.flatMap((floor, level) =>
    Object.entries(floor).map(([room, purpose]) => ({
      name: `${house.replace('/src', '')}-${room}-imports-only-rooms-below`.replaceAll('/', '-'),
      comment: `${house}/${room} is for: ${purpose}. It may import ${below(level).join(', ') || 'no other room'}. Move the code down, or pass it in.`,
      severity: 'error',
      from: { path: within(house, [room]), pathNot: '\\.spec\\.ts$' },
      to: { path: `^${house}/`, pathNot: within(house, [room, ...below(level)]) },
    })),
  );
  const everyRoom = floors.flatMap(Object.keys);
  return rooms.concat({
    name: `${house.replace('/src', '')}-has-a-room-for-every-file`.replaceAll('/', '-'),
    comment: `This file lies in no room of ${house}. Move it into one, or give it a floor in scripts/checks/rooms-of-libs.mjs or rooms-of-apps.mjs.`,
    severity: 'error',
    from: { path: `^${house}/`, pathNot: [within(house, everyRoom), '\\.spec\\.ts$'] },
    to: {},
  });
});
