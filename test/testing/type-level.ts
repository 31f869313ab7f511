/** `true` when both are the same type, in either direction and down to optional and readonly fields. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** What comes out when a value is sent as JSON: a Date as a string, a method not at all. */
export type Json<T> = T extends { toJSON(): infer Sent }
  ? Sent
  : T extends (...args: never[]) => unknown
    ? never
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

/** The names of the pairs whose sides differ; `never` when there are none. */
export type Drifted<Pairs> = {
  [Name in keyof Pairs]: Pairs[Name] extends readonly [infer A, infer B]
    ? Same<A, B> extends true
      ? never
      : Name
    : Name;
}[keyof Pairs];

/** The names of the fields that may not be left out. */
export type RequiredKey<T> = {
  [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key;
}[keyof T];

/** Does not compile unless what it is given is `never`: the error names what is left. */
export type None<Left extends never> = Left;
