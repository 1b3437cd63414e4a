import { z } from 'zod';

const cloudTrailRecordSchema = z.looseObject({
  eventID: z.string(),
  eventName: z.string(),
  eventSource: z.string(),
  /** ISO 8601 in UTC, whole seconds, as CloudTrail writes it. */
  eventTime: z.string(),
  awsRegion: z.string(),
  recipientAccountId: z.string(),
  readOnly: z.boolean().optional(),
  userIdentity: z.looseObject({
    type: z.string(),
    arn: z.string().optional(),
    userName: z.string().optional(),
    accessKeyId: z.string().optional(),
  }),
  resources: z.array(z.looseObject({ ARN: z.string().optional(), type: z.string().optional() })).optional(),
});

/** A CloudTrail record as it stands in the log: the fields that lookups need, and whatever else it has. */
export type CloudTrailRecord = z.infer<typeof cloudTrailRecordSchema>;

const savedSchema = z.array(z.object({ recordedAt: z.number(), record: cloudTrailRecordSchema }));
type Recorded = z.infer<typeof savedSchema>[number];

const CAPACITY = 50_000;

/** The management events of all accounts. */
export class CloudTrailStore {
  #records: Recorded[];
  readonly #onChange: () => void;

  constructor(saved?: unknown, onChange: () => void = () => {}) {
    const parsed = savedSchema.safeParse(saved);
    this.#records = parsed.success ? parsed.data : [];
    this.#onChange = onChange;
  }

  /** Writes an event down; `recipientAccountId` and `awsRegion` say where LookupEvents finds it. */
  record(record: CloudTrailRecord): void {
    this.#records.push({ recordedAt: Date.now(), record });
    if (this.#records.length > CAPACITY) this.#records = this.#records.slice(-CAPACITY / 2);
    this.#onChange();
  }

  /** Every event, in the order of recording; with `deliveredBefore` only what was recorded by then. */
  list(deliveredBefore = Number.POSITIVE_INFINITY): CloudTrailRecord[] {
    return this.#records.filter(({ recordedAt }) => recordedAt <= deliveredBefore).map(({ record }) => record);
  }

  /** What the constructor takes. */
  snapshot(): Recorded[] {
    return this.#records;
  }
}
