/** What may be typed for a task of which a checkpoint is meant: `TASK` or `TASK@N`. */
export interface TaskReference {
  /** All of it: an id, a part of one, or a name. A name may end as `TASK@N` does. */
  whole: string;
  /** As `TASK@N`, if it ends so. */
  checkpoint: { task: string; number: number } | undefined;
  /** It ends in an `@` or `@0`, which is no checkpoint: at most the end of a name. */
  isUnfinished: boolean;
}

/** Pure. Only a number after the last `@` is a checkpoint. */
export function parseTaskReference(text: string): TaskReference {
  const at = text.lastIndexOf('@');
  const number = text.slice(at + 1);
  const isNumbered = at !== -1 && /^[1-9]\d{0,8}$/.test(number);
  return {
    whole: text,
    checkpoint: isNumbered ? { task: text.slice(0, at), number: Number(number) } : undefined,
    isUnfinished: at !== -1 && !isNumbered && /^\d*$/.test(number),
  };
}
