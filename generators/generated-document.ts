/** A file below docs/ that is made from the code, committed, and never edited. */
export interface GeneratedDocument {
  /** From the root of the repository. */
  readonly path: string;
  /** The whole file. The same code gives the same text: no times, no ids, no order that changes. */
  readonly make: () => Promise<string>;
}
