/** Marks a method that takes `Payload`; on a method that takes anything else it does not compile. */
export type HandlerDecorator<Payload> = <Result>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<(payload: Payload) => Promise<Result>>,
) => void;
