/** A token bucket's size and how fast it fills. */
export interface Rate {
  perSecond: number;
  burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets by name. */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token from the bucket of this name; false if it is empty. */
  take(name: string, { perSecond, burst }: Rate, now = performance.now()): boolean {
    if (perSecond === Number.POSITIVE_INFINITY) return true;
    const bucket = this.#buckets.get(name) ?? { tokens: burst, filledAt: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    const taken = tokens >= 1;
    this.#buckets.set(name, { tokens: taken ? tokens - 1 : tokens, filledAt: now });
    return taken;
  }
}
