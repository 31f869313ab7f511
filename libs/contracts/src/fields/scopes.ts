import { applyDecorators } from '@nestjs/common';
import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn } from 'class-validator';

/**
 * What a token allows. `read`: tasks with their plans, checkpoints, events, daemons. `content`: patches,
 * files, conversations, output, dead letters. `operate`: create, stop, resume and change. `admin`: all of
 * these, and tokens.
 */
export const SCOPES = ['read', 'content', 'operate', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

export const IsScopes = () =>
  applyDecorators(IsArray(), ArrayNotEmpty(), ArrayUnique(), IsIn(SCOPES, { each: true }));
