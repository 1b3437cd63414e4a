import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { configVariables, PROJECT_ROOT, projectFile, projectFiles } from './files.ts';

const DOCUMENTS = projectFiles('{*.md,docs/**/*.md,docker/**/*.md}');

test('the README names every variable that the portal reads', () => {
  const readme = projectFile('README.md');
  expect(configVariables().filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('every link from one document to another file leads somewhere', () => {
  const broken = [...DOCUMENTS].flatMap(([path, text]) =>
    [...text.matchAll(/(?<!!)\[[^\]]*\]\((?!https?:)([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => posix.join(posix.dirname(path), target))
      .filter((target) => !existsSync(`${PROJECT_ROOT}/${target}`))
      .map((target) => `${path} → ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every source file that a document names exists', () => {
  const named = [...DOCUMENTS].flatMap(([path, text]) =>
    [...text.matchAll(/`((?:src|test|scripts|prisma|docker|views)\/[\w./-]+\.\w+)`/g)].map(([, file = '']) => [
      path,
      file,
    ]),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(([, file]) => !existsSync(`${PROJECT_ROOT}/${file}`))).toEqual([]);
});

test('every command that a document names is a script of package.json', () => {
  const { scripts } = JSON.parse(projectFile('package.json')) as { scripts: Record<string, string> };
  const builtIn = ['ci', 'test', 'start', 'install'];
  for (const [path, text] of DOCUMENTS) {
    const names = [...text.matchAll(/(?:`|^)npm (?:run )?([a-z]+)/gm)].map(([, name = '']) => name);
    expect(
      names.filter((name) => !(name in scripts) && !builtIn.includes(name)),
      path,
    ).toEqual([]);
  }
});

test('every decision is on the list of decisions', () => {
  const list = projectFile('docs/decisions/README.md');
  const records = [...projectFiles('docs/decisions/0*.md').keys()].map((path) => posix.basename(path));
  expect(records.length).toBeGreaterThan(5);
  expect(records.filter((name) => !list.includes(`(${name})`))).toEqual([]);
});
