import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { Request } from 'express';
import { ContractError } from '#contracts';
import { Database, findVisibleTasks, isConfined, isPatchVisible, type Viewer } from '#database';
import { taskNotFound } from '#tasks';
import { isOpen } from './access.js';
import { requireCaller } from './caller.js';
import { CONFINEMENT, type Confinement } from './confined.js';
import { patchNotFound } from './patch-not-found.js';

/** Answers callers who are confined to an owner or a pool as if there were nothing else. */
@Injectable()
export class ConfinementGuard implements CanActivate {
  constructor(private readonly database: Database) {}

  /** @throws ContractError `TASK_NOT_FOUND`, `PATCH_NOT_FOUND`; `CONFINED` at what is about all tasks */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    if (isOpen(request)) return true;
    const caller = requireCaller(request);
    if (!isConfined(caller)) return true;
    const how: Confinement | undefined = Reflect.getMetadata(CONFINEMENT, context.getHandler());
    if (how === undefined) {
      throw new ContractError('CONFINED', 'This is about all tasks, and the token that was sent is not.');
    }
    if (how !== 'by-handler') await this.requireVisible(how, String(request.params['id']), caller);
    return true;
  }

  private async requireVisible(how: 'task' | 'patch', given: string, viewer: Viewer): Promise<void> {
    // What is no id is refused as that, before anything is looked up.
    if (!isUUID(given)) return;
    const id = given.toLowerCase();
    const { manager } = this.database;
    if (how === 'patch') {
      if (!(await isPatchVisible(manager, viewer, id))) throw patchNotFound(id);
    } else if (!(await findVisibleTasks(manager, viewer, [id])).has(id)) throw taskNotFound(id);
  }
}
