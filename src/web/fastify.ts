import type { Actor } from '../audit/index.ts';
import type { AccessRule, Person } from '../identity/types.ts';

/** A message shown once on the next page. */
export interface Flash {
  kind: 'success' | 'info' | 'error';
  text: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessRule;
    /** The route takes posts from other sites: only the assertion consumer service, which has its own protection. */
    crossSite?: boolean;
    /** A post that only reads, for a form that is still being filled in. */
    changesNothing?: boolean;
    /**
     * An admin's post that only takes access away, or keeps it from being given: where Identity Center cannot be asked
     * whether they still are one, the copy of the directory has to do. Judged by the body as it was sent.
     */
    takesAway?(body: unknown): boolean;
  }

  interface FastifyRequest {
    /** Null on pages for anyone, where nobody is signed in. The guard sets it. */
    person: Person | null;
    /** The person of a route that is closed to others. Throws where the route is open to anyone. */
    signedIn(): Person;
    /** Who acts, for the audit log: the signed-in person with address and user agent. */
    actor(): Actor;
  }

  interface FastifyReply {
    /** Renders a page of `views/` inside the layout. `it` in the template is `view` plus what the layout needs. */
    page(view: string, data: object): Promise<FastifyReply>;
    /** Renders a fragment (its file name starts with an underscore), for htmx. */
    partial(view: string, data: object): Promise<FastifyReply>;
    /** Puts a message on the next page that this browser sees. */
    flash(kind: Flash['kind'], text: string): FastifyReply;
    /** After a change: 303 to the page, or for htmx the same by HX-Redirect. */
    seeOther(path: string): FastifyReply;
  }
}
