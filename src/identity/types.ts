export type Persona = 'requester' | 'approver' | 'auditor' | 'admin';

/** The signed-in person, made anew for each request from the session and the directory; nothing of it is kept in the session. */
export interface Person {
  /** Identity Center's UserId: what every comparison uses. */
  userId: string;
  userName: string;
  displayName: string;
  email: string | null;
  /** From the synced copy. Decisions and grants read memberships from Identity Center instead. */
  groupIds: string[];
  personas: ReadonlySet<Persona>;
}

/**
 * Who may call a route: every route says so in `config.access`, and one that does not is refused at start.
 * 'person' is anyone who is signed in; a list means any of them.
 */
export type AccessRule = 'anyone' | 'person' | Exclude<Persona, 'requester'> | Exclude<Persona, 'requester'>[];
