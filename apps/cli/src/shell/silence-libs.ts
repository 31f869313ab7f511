import { Logger } from '@nestjs/common';

/**
 * The libs log for operators of services; here the commands themselves talk to a person. Call it before using
 * a lib that logs.
 */
export function silenceLibs(): void {
  Logger.overrideLogger(false);
}
