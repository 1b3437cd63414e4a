import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The project's files that a pattern names, by their path from its root, with their text. */
export function projectFiles(pattern: string, except: RegExp = /(?!)/): Map<string, string> {
  const paths = globSync(pattern, { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'));
  return new Map(
    paths
      .filter((path) => !except.test(path))
      .sort()
      .map((path) => [path, projectFile(path)]),
  );
}

export function projectFile(path: string): string {
  return readFileSync(`${ROOT}/${path}`, 'utf8');
}
