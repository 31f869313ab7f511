import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packageFolder } from '#runtime';
import { commentOf } from '../contracts/read-comments.js';

/** What the source of a controller says about one of its methods. */
export interface Route {
  /** Lower case, as OpenAPI wants it. */
  method: string;
  /** With parameters in braces. */
  path: string;
  /** Unique: controller and method. */
  operationId: string;
  comment: string;
  pathParameters: { name: string; isOrdinal: boolean }[];
  queryClass: string | undefined;
  bodyClass: string | undefined;
  headers: string[];
  /** Class of the JSON answer. Undefined: an empty one, or one that is no JSON. */
  answerClass: string | undefined;
  status: number;
  /** Answers 200 when an earlier request has made the same thing. */
  mayExistAlready: boolean;
  /** What a caller must have, all of it. */
  scopes: string[];
  /** A retry gets another answer, even with an `Idempotency-Key`. */
  isNeverKept: boolean;
}

const METHODS: Record<string, number> = { Get: 200, Post: 201, Put: 200, Delete: 200 };

/** The routes of `/v1` in patch-store, from the decorators, types and doc comments of its controllers. */
export function readRoutes(): Route[] {
  const folder = join(packageFolder(), 'apps/patch-store/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const controllers = files.filter((name) => name.endsWith('.controller.ts')).sort();
  return controllers
    .flatMap((name) => routesIn(join(folder, name)))
    .filter(({ path }) => path.startsWith('/v1/'));
}

function routesIn(file: string): Route[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((type) => {
    const controller = decoratorOf(type, ['Controller']);
    if (!controller) return [];
    const name = type.name!.text.replace(/Controller$/, '');
    const methods = type.members.filter(ts.isMethodDeclaration);
    return methods.flatMap((method) => routeOf(method, controller.argument ?? '', name));
  });
}

function routeOf(method: ts.MethodDeclaration, prefix: string, controller: string): Route[] {
  const verb = decoratorOf(method, Object.keys(METHODS));
  if (!verb) return [];
  const path = [prefix, verb.argument].filter(Boolean).join('/');
  const typed = (decorator: string) =>
    method.parameters.find((parameter) => decoratorOf(parameter, [decorator]))?.type?.getText();
  const named = (decorator: string) =>
    method.parameters.flatMap((parameter) => decoratorOf(parameter, [decorator]) ?? []);
  const status = Number(decoratorOf(method, ['HttpCode'])?.text ?? METHODS[verb.name]);
  const answer = /^(?:Promise<)?(\w+)>?$/.exec(method.type?.getText() ?? '')?.[1];
  return [
    {
      method: verb.name.toLowerCase(),
      path: `/${path.replaceAll(/:(\w+)/g, '{$1}')}`,
      operationId: `${controller}.${method.name.getText()}`,
      comment: commentOf(method) ?? '',
      pathParameters: named('Param').map(({ argument, text }) => ({
        name: argument!,
        isOrdinal: text.includes('OrdinalPipe'),
      })),
      queryClass: typed('Query'),
      bodyClass: typed('Body'),
      headers: named('Headers').map(({ argument }) => argument!),
      answerClass: answer === 'void' ? undefined : answer,
      status,
      scopes: [...(decoratorOf(method, ['Needs'])?.text ?? `'admin'`).matchAll(/'(\w+)'/g)].map(
        ([, scope]) => scope!,
      ),
      isNeverKept: decoratorOf(method, ['NeverKept']) !== undefined,
      mayExistAlready: method.getText().includes('answerCreated('),
    },
  ];
}

interface FoundDecorator {
  name: string;
  /** The first argument, when it is a string. */
  argument: string | undefined;
  /** All arguments, as they are written. */
  text: string;
}

function decoratorOf(node: ts.HasDecorators, names: readonly string[]): FoundDecorator | undefined {
  for (const { expression } of ts.getDecorators(node) ?? []) {
    if (!ts.isCallExpression(expression)) continue;
    const name = expression.expression.getText();
    if (!names.includes(name)) continue;
    const [first] = expression.arguments;
    const argument = first && ts.isStringLiteral(first) ? first.text : undefined;
    return { name, argument, text: expression.arguments.map((given) => given.getText()).join(', ') };
  }
  return undefined;
}
