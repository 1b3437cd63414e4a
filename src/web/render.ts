import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import view from '@fastify/view';
import { Eta } from 'eta';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessRule, Person } from '../identity/types.ts';
import type { Flash } from './fastify.ts';
import type { FlashBox } from './flash.ts';
import { type NavCounts, type NavSection, navigation } from './navigation.ts';
import { createViewHelpers } from './view-helpers.ts';

const VIEWS = fileURLToPath(new URL('../../views', import.meta.url));

/** Shown above every page until its cause is gone. */
export interface Banner {
  kind: 'info' | 'warning';
  text: string;
  /** Where to see more. */
  link?: { address: string; label: string };
}

/** What the frame around a page shows of the state of things. */
export interface LayoutData {
  counts: NavCounts;
  banners: Banner[];
  supportContact: string;
}

/** What depends on who reads, on pages and on pieces of them. */
export interface Reader {
  /** The zone in which they see times. */
  timeZone: string;
  /** Where a ticket is read about; null where there is no such place. */
  ticketAddress(ticket: string): string | null;
}

/** What rendering needs of the rest of the program. */
export interface RenderOptions {
  production: boolean;
  asset(name: string): string;
  flashes: FlashBox;
  layout(request: FastifyRequest): Promise<LayoutData>;
  reader(request: FastifyRequest): Promise<Reader>;
  csrfToken(request: FastifyRequest): string;
}

/** Where nothing of the database can be had. */
const NOBODY: Reader = { timeZone: 'UTC', ticketAddress: () => null };

/** The layout's part of `it`. */
interface Frame extends LayoutData {
  nav: NavSection[];
  flash: Flash[];
}

declare module 'fastify' {
  interface FastifyReply {
    /** Renders a page that needs nothing of the database: for errors. */
    plainPage(view: string, data: object): Promise<FastifyReply>;
  }
}

/** The template engine. Its own settings have to be set here: those given to the Fastify plugin do not reach it. */
export function createEngine(): Eta {
  // A file ends with a line break; where it is included that would be a blank before the next word.
  const endTight = { processTemplate: (source: string) => source.trimEnd() };
  return new Eta({ views: VIEWS, autoEscape: true, autoTrim: false, plugins: [endTight] });
}

/** True where htmx asks for a piece of a page, not for a page. */
export function wantsFragment(request: FastifyRequest): boolean {
  return request.headers['hx-request'] === 'true' && request.headers['hx-history-restore-request'] !== 'true';
}

export async function registerRender(app: FastifyInstance, options: RenderOptions): Promise<void> {
  const { asset, flashes } = options;
  const rules = new Map<string, AccessRule>();
  app.addHook('onRoute', ({ method, url, config }) => {
    if ([method].flat().includes('GET') && config?.access) rules.set(url, config.access);
  });

  await app.register(view, {
    engine: { eta: createEngine() },
    root: VIEWS,
    production: options.production,
    propertyName: 'view',
  });

  const basics = (request: FastifyRequest, { timeZone, ticketAddress }: Reader, csrf: string) => ({
    ...createViewHelpers(timeZone, asset),
    ticketAddress,
    person: personOf(request),
    csrf,
    path: pathOf(request),
  });

  const frameOf = async (request: FastifyRequest, reply: FastifyReply, section: string): Promise<Frame> => {
    const person = personOf(request);
    const data = person ? await options.layout(request) : { counts: {}, banners: [], supportContact: '' };
    const nav = person ? navigation(rules, person, data.counts, pathOf(request), section) : [];
    return { ...data, nav, flash: flashes.take(request, reply) };
  };

  const send = async (reply: FastifyReply, name: string, it: object) => {
    const html = await app.view(name, it);
    return reply.type('text/html; charset=utf-8').header('vary', 'HX-Request, HX-History-Restore-Request').send(html);
  };

  app.decorateReply('page', async function (this: FastifyReply, name: string, data: object) {
    const { request } = this;
    const section = 'section' in data && typeof data.section === 'string' ? data.section : '';
    const [reader, frame] = await Promise.all([options.reader(request), frameOf(request, this, section)]);
    return send(this, name, { ...data, ...frame, ...basics(request, reader, options.csrfToken(request)) });
  });

  app.decorateReply('partial', async function (this: FastifyReply, name: string, data: object) {
    const { request } = this;
    const reader = await options.reader(request);
    const flash = wantsFragment(request) ? flashes.take(request, this) : [];
    return send(this, '/shared/_fragment', {
      ...data,
      ...basics(request, reader, options.csrfToken(request)),
      flash,
      fragment: join('/', name),
    });
  });

  app.decorateReply('plainPage', async function (this: FastifyReply, name: string, data: object) {
    const frame: Frame = { counts: {}, banners: [], supportContact: '', nav: [], flash: [] };
    return send(this, name, { ...data, ...frame, ...basics(this.request, NOBODY, ''), person: null });
  });
}

function personOf(request: FastifyRequest): Person | null {
  return request.person ?? null;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
