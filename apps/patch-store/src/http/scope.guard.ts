import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ContractError, type Scope } from '#contracts';
import { isOpen } from './access.js';
import { requireCaller } from './caller.js';
import { NEEDED_SCOPES } from './needs.js';

/** Refuses callers who lack a scope of the endpoint, before its handler runs. */
@Injectable()
export class ScopeGuard implements CanActivate {
  /** @throws ContractError `SCOPE_MISSING` */
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    if (isOpen(request)) return true;
    const needed: Scope[] = Reflect.getMetadata(NEEDED_SCOPES, context.getHandler()) ?? ['admin'];
    const missing = missingScope(needed, requireCaller(request).scopes);
    if (missing === undefined) return true;
    throw new ContractError(
      'SCOPE_MISSING',
      `This needs a token with the scope "${missing}", which the one that was sent does not have.`,
    );
  }
}

/** Pure. `admin` includes every scope. */
function missingScope(needed: readonly Scope[], given: readonly Scope[]): Scope | undefined {
  return given.includes('admin') ? undefined : needed.find((scope) => !given.includes(scope));
}
