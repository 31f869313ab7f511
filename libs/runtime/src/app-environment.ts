import 'reflect-metadata';
import { readEncryptionKeys, type EncryptionKey } from './encryption-keys.js';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

/** The variables that every app understands. */
export class AppEnvironment {
  /** NATS servers, comma-separated; `nats://user:password@host:4222` works. */
  @Matches(/^(?:nats|tls):\/\/[^\s,]+(?:,(?:nats|tls):\/\/[^\s,]+)*$/, {
    message: 'must be one or more NATS URLs such as nats://127.0.0.1:4222, separated by commas',
  })
  NATS_URL: string = 'nats://127.0.0.1:4222';

  /** File with NATS credentials (JWT and seed), as written by `nsc`. */
  @IsOptional()
  @IsString()
  PATCHPOINT_NATS_CREDENTIALS_FILE?: string;

  /** Of daemons whose NATS account is not the services': JetStream is imported below `$JS.{domain}.API`. */
  @IsOptional()
  @Matches(/^[\w-]{1,64}$/, { message: 'must be letters, digits, "-" and "_"' })
  PATCHPOINT_JETSTREAM_DOMAIN?: string;

  /** Replicas of each JetStream stream: 1, or 3 on a cluster. */
  @IsIn([1, 3, 5], { message: 'must be 1, 3 or 5' })
  PATCHPOINT_STREAM_REPLICAS: number = 1;

  /** Address for /healthz, /readyz, /metrics (and patch-store's API). */
  @IsString()
  PATCHPOINT_HTTP_HOST: string = '127.0.0.1';

  /** 0 takes a free port. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  PATCHPOINT_HTTP_PORT: number = 0;

  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  PATCHPOINT_LOG_LEVEL: string = 'info';

  /** How long a graceful shutdown may take before the process exits regardless. */
  @IsInt()
  @Min(1)
  PATCHPOINT_STOP_GRACE_SECONDS: number = 30;
}

/** The variables of an app that uses Postgres. */
export class DatabaseAppEnvironment extends AppEnvironment {
  @Matches(/^postgres(?:ql)?:\/\/\S+$/, {
    message: 'must be a Postgres URL such as postgres://user:password@127.0.0.1:5432/patchpoint',
  })
  DATABASE_URL!: string;

  /** Connections to Postgres that one process may hold. */
  @IsInt()
  @Min(1)
  @Max(200)
  PATCHPOINT_DATABASE_POOL_SIZE: number = 10;

  /**
   * File with keys by which patches and conversations are encrypted in Postgres: a line each, `<id> <32 bytes
   * in base64>`. The first is used, the others still open what they closed.
   */
  @IsOptional()
  @IsString()
  PATCHPOINT_ENCRYPTION_KEY_FILE?: string;

  /** The same as what a shell command prints, which runs once at the start. */
  @IsOptional()
  @IsString()
  PATCHPOINT_ENCRYPTION_KEY_COMMAND?: string;
}

/** The variables of an app that decides about tasks. All such apps need the same values. */
export class TaskAppEnvironment extends DatabaseAppEnvironment {
  /** A daemon without a heartbeat for this long is considered dead. */
  @IsInt()
  @Min(3)
  @Max(86_400)
  PATCHPOINT_DAEMON_TIMEOUT_SECONDS: number = 120;
}

/** The settings of every app, as typed values. */
export interface AppConfig {
  nats: {
    url: string;
    credentialsFile?: string;
    /** Its content, where it cannot be read later. */
    credentials?: Uint8Array | undefined;
    jetStreamDomain?: string;
    streamReplicas: number;
  };
  http: { host: string; port: number };
  logLevel: string;
  stopGraceSeconds: number;
}

/** The additional settings of an app with a database. */
export interface DatabaseAppConfig extends AppConfig {
  database: { url: string; poolSize: number; encryptionKeys: readonly EncryptionKey[] };
}

/** The additional settings of an app that decides about tasks. */
export interface TaskAppConfig extends DatabaseAppConfig {
  daemonTimeoutSeconds: number;
}

export function appConfig(environment: AppEnvironment): AppConfig {
  return {
    nats: {
      url: environment.NATS_URL,
      credentialsFile: environment.PATCHPOINT_NATS_CREDENTIALS_FILE,
      jetStreamDomain: environment.PATCHPOINT_JETSTREAM_DOMAIN,
      streamReplicas: environment.PATCHPOINT_STREAM_REPLICAS,
    },
    http: { host: environment.PATCHPOINT_HTTP_HOST, port: environment.PATCHPOINT_HTTP_PORT },
    logLevel: environment.PATCHPOINT_LOG_LEVEL,
    stopGraceSeconds: environment.PATCHPOINT_STOP_GRACE_SECONDS,
  };
}

export function databaseAppConfig(environment: DatabaseAppEnvironment): DatabaseAppConfig {
  return {
    ...appConfig(environment),
    database: {
      url: environment.DATABASE_URL,
      poolSize: environment.PATCHPOINT_DATABASE_POOL_SIZE,
      encryptionKeys: readEncryptionKeys(
        environment.PATCHPOINT_ENCRYPTION_KEY_FILE,
        environment.PATCHPOINT_ENCRYPTION_KEY_COMMAND,
      ),
    },
  };
}

export function taskAppConfig(environment: TaskAppEnvironment): TaskAppConfig {
  return {
    ...databaseAppConfig(environment),
    daemonTimeoutSeconds: environment.PATCHPOINT_DAEMON_TIMEOUT_SECONDS,
  };
}
