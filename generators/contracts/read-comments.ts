import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packageFolder } from '#runtime';

/** What the sources say about a class or interface, and about its properties in their order. */
export interface Commented {
  readonly comment: string | undefined;
  /** Name of the class that it extends. */
  readonly base: string | undefined;
  /** Property → comment; empty where there is none. */
  readonly properties: ReadonlyMap<string, string>;
  /** Those with `@OrNull()`: always there, and perhaps null. */
  readonly nullable: ReadonlySet<string>;
  /** Those with `?` or an initial value: a sender may leave them out. */
  readonly optional: ReadonlySet<string>;
}

/** The doc comments of everything declared in contracts, by name: decorators do not know them. */
export function readComments(): ReadonlyMap<string, Commented> {
  return new Map(commentsBelow(join(packageFolder(), 'libs/contracts/src')));
}

function commentsBelow(folder: string): [string, Commented][] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  return files.sort().flatMap((name) => declarationsIn(join(folder, name)));
}

function declarationsIn(file: string): [string, Commented][] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements
    .filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
    .map((node) => [
      node.name!.text,
      {
        comment: commentOf(node),
        base: baseOf(node),
        properties: new Map(
          node.members
            .filter((member) => ts.isPropertyDeclaration(member) || ts.isPropertySignature(member))
            .map((member) => [nameOf(member.name), commentOf(member) ?? '']),
        ),
        nullable: namesOf(node, (member) => decoratorsOf(member).includes('@OrNull()')),
        optional: namesOf(node, ({ initializer, questionToken }) => Boolean(initializer ?? questionToken)),
      },
    ]);
}

function namesOf(
  node: ts.ClassDeclaration | ts.InterfaceDeclaration,
  condition: (member: ts.PropertyDeclaration) => boolean,
): Set<string> {
  const members = [...node.members].filter((member) => ts.isPropertyDeclaration(member));
  return new Set(members.filter(condition).map(({ name }) => nameOf(name)));
}

function decoratorsOf(member: ts.PropertyDeclaration): string[] {
  return (ts.getDecorators(member) ?? []).map((decorator) => decorator.getText());
}

function baseOf(node: ts.ClassDeclaration | ts.InterfaceDeclaration): string | undefined {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression.getText();
}

function nameOf(name: ts.PropertyName): string {
  return ts.isStringLiteral(name) ? name.text : name.getText();
}

/** Without the links, which lead into the code, and without the line ends, which are the code's. */
export function commentOf(node: ts.Node): string | undefined {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment;
  const text = ts.getTextOfJSDocComment(comment)?.replaceAll(/\{@link (\w+)\}/g, '$1');
  return text?.replaceAll(/(?<!\n)\n(?![\n-])/g, ' ').trim();
}
