import type { FastifyRequest } from 'fastify';
import type { Tx } from '../platform/db.ts';
import { readTimeZone } from '../settings/index.ts';
import type { Page } from '../web/index.ts';
import { type ListQuery, readListQuery, STATUSES } from './list-input.ts';
import type { ListInput } from './queries.ts';
import type { SeenStatus } from './types.ts';

/** What every list's template takes. */
export interface ListPage<Row> extends Pick<ListQuery, 'values' | 'filtered'> {
  rows: Row[];
  address: string;
  searchLabel: string;
  /** Empty: the list is of one status. */
  statuses: readonly SeenStatus[];
  pagination: { address: string; cursor: string | null; next: string | null };
}

/** Reads the filters from the address and makes the page of rows that they ask for. */
export async function listPage<Row>(
  tx: Tx,
  request: FastifyRequest,
  options: { searchLabel: string; statuses?: readonly SeenStatus[] },
  query: (input: ListInput) => Promise<Page<Row>>,
): Promise<{ list: ListPage<Row>; input: ListInput }> {
  const timeZone = await readTimeZone(tx, request.signedIn().userId);
  const { input, values, filtered } = readListQuery(request.query, timeZone);
  const { rows, next } = await query(input);
  const address = request.url;
  const list = {
    rows,
    values,
    filtered,
    address,
    searchLabel: options.searchLabel,
    statuses: options.statuses ?? STATUSES,
    pagination: { address, cursor: values.cursor, next },
  };
  return { list, input };
}
