/** Tells a person why a command failed: the message and what caused it, never a stack trace. */
export function reportFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`patchpoint: ${message}`);
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && !message.includes(cause.message))
    console.error(`  caused by: ${cause.message}`);
}
