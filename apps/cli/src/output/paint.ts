import { styleText } from 'node:util';
import type { WriteStream } from 'node:tty';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours a text, or leaves it unchanged. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** Colours on a terminal, unless disabled by `NO_COLOR` or `TERM=dumb`. */
export function paintFor(stream: Partial<WriteStream>, variables = process.env): Paint {
  // An empty NO_COLOR is ignored (no-color.org); Node's own check treats it as set.
  const { NO_COLOR: noColour, ...others } = variables;
  const environment = noColour ? variables : others;
  return stream.isTTY === true && stream.hasColors?.(environment) === true ? coloured : plain;
}
