import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header } from '@nestjs/common';
import { packageFolder } from '#runtime';

/**
 * The description of this API, as generated from the code (`npm run docs`). A process that lacks it does not
 * start.
 */
@Controller()
export class OpenApiController {
  private readonly document = readFileSync(join(packageFolder(), 'docs/openapi.json'), 'utf8');

  @Get('openapi.json')
  @Header('Content-Type', 'application/json')
  get(): string {
    return this.document;
  }
}
