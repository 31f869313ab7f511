import { Logger } from '@nestjs/common';

/**
 * The libs log for operators of services; here the commands themselves speak to a person. Before the use of a
 * lib that logs.
 */
export function silenceLibs(): void {
  Logger.overrideLogger(false);
}
