import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/**
 * One import, re-export or `import()` of a module. `type` is what type stripping removes whole: `import type`,
 * `export type` and `import('…')` in a type. An `import { type A }` still loads the module, so it is `static`.
 */
export interface Import {
  from: string;
  line: number;
  kind: 'static' | 'dynamic' | 'type';
  /** As written. */
  specifier: string;
  /** The file from the project's root; null for a package. */
  to: string | null;
  /** What is taken from it, by its name there. Empty for `*`, `import()` and an import for its effect. */
  names: string[];
}

/** A specifier that only running the code would tell. */
export const COMPUTED = '(computed)';

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

/** Every import of one TypeScript file; `path` is relative to the project's root. */
export function readImports(path: string, source: string): Import[] {
  const imports: Import[] = [];
  visit(parseAst(source, { lang: 'ts' }), (node) => {
    const found = importOf(node);
    if (found === null) return;
    const { kind, specifier } = found;
    imports.push({
      from: path,
      line: source.slice(0, node.start).split('\n').length,
      kind,
      specifier,
      to: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null,
      names: namesIn(node),
    });
  });
  return imports;
}

function importOf(node: Node): Pick<Import, 'kind' | 'specifier'> | null {
  const specifier = literal(node.source);
  switch (node.type) {
    case 'ImportDeclaration':
      return { kind: node.importKind === 'type' ? 'type' : 'static', specifier };
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return isNode(node.source) ? { kind: node.exportKind === 'type' ? 'type' : 'static', specifier } : null;
    case 'ImportExpression':
      return { kind: 'dynamic', specifier };
    case 'TSImportType':
      return { kind: 'type', specifier };
    default:
      return null;
  }
}

function literal(node: unknown): string {
  return isNode(node) && typeof node.value === 'string' ? node.value : COMPUTED;
}

function namesIn(node: Node): string[] {
  const qualifier = isNode(node.qualifier) ? [node.qualifier.name] : [];
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : [];
  const named = specifiers.map((each) => (node.type === 'ImportDeclaration' ? each.imported : each.local));
  return [...qualifier, ...named.filter(isNode).map((each) => each.name)].filter((name) => typeof name === 'string');
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(each, see);
  } else if (isNode(value)) {
    see(value);
    for (const each of Object.values(value)) visit(each, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
