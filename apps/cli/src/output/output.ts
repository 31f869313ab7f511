import { harmlessJson } from '#contracts/text';
import { forPeople } from './for-people.js';
import { paintFor, type Paint } from './paint.js';

/** What a view gets in addition to its data. */
export interface Look {
  paint: Paint;
  now: Date;
}

/** Turns the data of a result into text for people. It gets them cleaned. */
export type View<T> = (data: T, look: Look) => string;

/** How a command's result is shown: one view for people, the same data as JSON for programs. */
export class Output {
  readonly look: Look = { paint: paintFor(process.stdout), now: new Date() };

  constructor(private readonly json: boolean) {}

  /** The whole result of a command. */
  show<T>(data: T, view: View<T>): void {
    this.write(this.json ? JSON.stringify(data, null, 2) : view(forPeople(data), this.look));
  }

  /** One item of a stream: a line of NDJSON. The text for people may be empty. */
  item<T>(data: T, view: View<T>): void {
    this.write(this.json ? JSON.stringify(data) : view(forPeople(data), { ...this.look, now: new Date() }));
  }

  private write(text: string): void {
    if (text === '') return;
    const shown = this.json ? harmlessJson(text) : text;
    process.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`);
  }
}
