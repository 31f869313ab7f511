import { describe, expect, it } from '@jest/globals';
import { IsBoolean, IsInt, IsString, Min } from 'class-validator';
import { ConfigurationError } from './configuration-error.js';
import { readEnvironment, variableNames } from './environment.js';

class Base {
  @IsString()
  NATS_URL: string = 'nats://127.0.0.1:4222';
}

class Example extends Base {
  @IsBoolean()
  PATCHPOINT_PATCHES_ENABLED: boolean = true;

  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(0, { message: 'must be 0 or more' })
  PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: number = 300;

  @IsString({ message: 'must be a Postgres URL' })
  DATABASE_URL!: string;
}

const complete = { DATABASE_URL: 'postgres://localhost/patchpoint' };

function problems(variables: Record<string, string>): readonly string[] {
  try {
    readEnvironment(Example, { ...complete, ...variables });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('readEnvironment', () => {
  it('keeps the defaults of variables that are unset or empty', () => {
    expect(readEnvironment(Example, { ...complete, NATS_URL: '' })).toEqual({
      ...complete,
      NATS_URL: 'nats://127.0.0.1:4222',
      PATCHPOINT_PATCHES_ENABLED: true,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: 300,
    });
  });

  it('reads numbers and booleans by their declared types', () => {
    const environment = readEnvironment(Example, {
      ...complete,
      PATCHPOINT_PATCHES_ENABLED: 'false',
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0',
    });
    expect(environment.PATCHPOINT_PATCHES_ENABLED).toBe(false);
    expect(environment.PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS).toBe(0);
  });

  it('names the variable, its value and what is allowed', () => {
    expect(problems({ PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: 'five' })).toEqual([
      'PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS is "five": it must be a number.',
    ]);
    expect(problems({ PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '-1' })).toEqual([
      'PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS is "-1": must be 0 or more.',
    ]);
    expect(problems({ PATCHPOINT_PATCHES_ENABLED: 'yes' })).toEqual([
      'PATCHPOINT_PATCHES_ENABLED is "yes": it must be "true" or "false".',
    ]);
    expect(problems({ DATABASE_URL: '' })).toEqual(['DATABASE_URL is not set: must be a Postgres URL.']);
  });

  it('reports all problems at once', () => {
    expect(
      problems({ PATCHPOINT_PATCHES_ENABLED: 'yes', PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: 'x' }),
    ).toHaveLength(2);
  });

  it('lists the variables of a class and its bases', () => {
    expect(variableNames(Example).sort()).toEqual([
      'DATABASE_URL',
      'NATS_URL',
      'PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS',
      'PATCHPOINT_PATCHES_ENABLED',
    ]);
  });
});
