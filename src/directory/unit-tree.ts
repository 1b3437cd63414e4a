import { ListOrganizationalUnitsForParentCommand } from '@aws-sdk/client-organizations';
import type { Platform } from '../platform/index.ts';
import { type CallOptions, callAwsForAll, failureOf } from './aws-call.ts';
import type { OrganizationalUnit } from './types.ts';

/** AWS Organizations User Guide, "Quotas": units nest five levels below the root, so those there have no children. */
const DEEPEST_LEVEL = 5;
/** How many units are asked for their children at the same time; the budget paces them. */
const AT_ONCE = 4;

interface Child {
  id: string;
  name: string;
}
type ListChildren = (parentId: string) => Promise<Child[]>;

/** The units as they are read, each after the one that it lies in. */
export class UnitTree {
  readonly units: OrganizationalUnit[] = [];
  readonly #byId = new Map<string, OrganizationalUnit>();
  readonly #listChildren: ListChildren;
  readonly #lookedAgain = new Set<string>();

  constructor(root: Child, listChildren: ListChildren) {
    this.#listChildren = listChildren;
    this.#add({ ...root, parentId: null, path: root.name, ancestorIds: [] });
  }

  get(id: string | undefined): OrganizationalUnit | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** Reads everything below the root, several units at a time. */
  async read(): Promise<this> {
    const waiting = this.units.map(({ id }) => id);
    let busy = 0;
    await new Promise<void>((resolve, reject) => {
      const next = () => {
        if (waiting.length === 0 && busy === 0) return resolve();
        while (busy < AT_ONCE) {
          const id = waiting.shift();
          if (id === undefined) return;
          busy += 1;
          this.#readBelow(id).then((children) => {
            busy -= 1;
            const further = children.filter(({ ancestorIds }) => ancestorIds.length < DEEPEST_LEVEL);
            waiting.push(...further.map((child) => child.id));
            next();
          }, reject);
        }
      };
      next();
    });
    return this;
  }

  /**
   * The last of these units, which lie in each other, the root first. One that came into being while the tree was read
   * is looked for once more in the unit above it; undefined where it is not there either.
   */
  async lookFor(ids: readonly string[]): Promise<OrganizationalUnit | undefined> {
    for (const [position, id] of ids.entries()) {
      const above = ids[position - 1];
      if (this.#byId.has(id) || above === undefined || this.#lookedAgain.has(above)) continue;
      this.#lookedAgain.add(above);
      await this.#readBelow(above);
    }
    return this.get(ids.at(-1));
  }

  /** Gives the children that were not known yet. */
  async #readBelow(id: string): Promise<OrganizationalUnit[]> {
    const parent = this.#byId.get(id);
    if (parent === undefined) return [];
    const found: OrganizationalUnit[] = [];
    for (const { id: childId, name } of await this.#listChildren(id)) {
      if (this.#byId.has(childId)) continue;
      const path = `${parent.path} / ${name}`;
      found.push(this.#add({ id: childId, name, parentId: id, path, ancestorIds: [...parent.ancestorIds, id] }));
    }
    return found;
  }

  #add(unit: OrganizationalUnit): OrganizationalUnit {
    this.units.push(unit);
    this.#byId.set(unit.id, unit);
    return unit;
  }
}

/** The whole tree of units below this root. Throws `AwsReadError`. */
export async function readTree(platform: Platform, root: Child, call: CallOptions): Promise<UnitTree> {
  const operation = 'organizations:ListOrganizationalUnitsForParent';
  const listChildren: ListChildren = (ParentId) =>
    callAwsForAll(platform, operation, call, async (NextToken, options) => {
      const command = new ListOrganizationalUnitsForParentCommand({ ParentId, NextToken });
      const page = await platform.aws.organizations.send(command, options);
      const children = page.OrganizationalUnits?.flatMap(({ Id, Name }) => (Id ? [{ id: Id, name: Name || Id }] : []));
      return { items: children, next: page.NextToken };
    }).catch((error: unknown) => {
      // A unit that was deleted meanwhile has nothing in it.
      if (failureOf(error) === 'not-found') return [];
      throw error;
    });
  return new UnitTree(root, listChildren).read();
}
