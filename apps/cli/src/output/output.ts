import { paintFor, type Paint } from './paint.js';

/** What a view gets in addition to its data. */
export interface Look {
  paint: Paint;
  now: Date;
}

/** How a command's result is shown: one view for people, the same data as JSON for programs. */
export class Output {
  readonly look: Look = { paint: paintFor(process.stdout), now: new Date() };

  constructor(private readonly json: boolean) {}

  /** The whole result of a command. */
  show<T>(data: T, view: (data: T, look: Look) => string): void {
    const text = this.json ? JSON.stringify(data, null, 2) : view(data, this.look);
    if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** One item of a stream: a line of NDJSON. The text for people may be empty. */
  item<T>(data: T, view: (data: T, look: Look) => string): void {
    const text = this.json ? JSON.stringify(data) : view(data, { ...this.look, now: new Date() });
    if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }
}
