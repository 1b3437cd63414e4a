import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The project's files that a pattern names, by their path from its root, with their text. */
export function projectFiles(pattern: string, except: RegExp = /(?!)/): Map<string, string> {
  const paths = globSync(pattern, { cwd: PROJECT_ROOT }).map((path) => path.replaceAll('\\', '/'));
  return new Map(
    paths
      .filter((path) => !except.test(path))
      .sort()
      .map((path) => [path, projectFile(path)]),
  );
}

export function projectFile(path: string): string {
  return readFileSync(`${PROJECT_ROOT}/${path}`, 'utf8');
}

/** The variables that config.ts reads, those that may come as a file included. */
export function configVariables(): string[] {
  const config = projectFile('src/platform/config.ts');
  const plain = [...config.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name);
  const fromFile = /FROM_FILE = \[(.*?)\]/s.exec(config)?.[1]?.match(/[A-Z_]+/g) ?? [];
  if (plain.length < 15 || fromFile.length === 0) throw new Error('config.ts no longer looks as this expects');
  return [...plain, ...fromFile.map((name) => `${name}_FILE`)];
}
