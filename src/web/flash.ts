import { Signer } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Flash } from './fastify.ts';

const Stored = z.array(z.object({ kind: z.enum(['success', 'info', 'error']), text: z.string() })).max(5);

export interface FlashBox {
  add(reply: FastifyReply, flash: Flash): void;
  /** What is to be shown now: what earlier answers left in the browser and what this one added. Empties the box. */
  take(request: FastifyRequest, reply: FastifyReply): Flash[];
}

/**
 * Messages for the next page, in a signed cookie: so they also work for people who have no session, and need no
 * database.
 */
export function createFlashBox(secret: string, secure: boolean): FlashBox {
  const signer = new Signer(secret);
  const name = secure ? '__Host-latchkey-flash' : 'latchkey-flash';
  const options = { path: '/', httpOnly: true, secure, sameSite: 'lax' as const };
  const added = new WeakMap<FastifyReply, Flash[]>();

  const fromBrowser = (request: FastifyRequest): Flash[] => {
    const cookie = request.cookies[name];
    if (!cookie) return [];
    const { valid, value } = signer.unsign(cookie);
    if (!valid || value === null) return [];
    try {
      return Stored.parse(JSON.parse(Buffer.from(value, 'base64url').toString()));
    } catch {
      return [];
    }
  };

  return {
    add(reply, flash) {
      const all = [...(added.get(reply) ?? []), flash].slice(-5);
      added.set(reply, all);
      const value = Buffer.from(JSON.stringify(all)).toString('base64url');
      reply.setCookie(name, signer.sign(value), options);
    },
    take(request, reply) {
      const all = [...fromBrowser(request), ...(added.get(reply) ?? [])];
      added.delete(reply);
      if (all.length > 0) reply.clearCookie(name, options);
      return all;
    },
  };
}
