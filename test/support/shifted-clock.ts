/**
 * Loaded into a process before everything else (`node --import`): its clock is CLOCK_SHIFT_MS ahead, or behind. What
 * measures (`performance.now()`, timers) goes on as it is, as on a machine whose clock is set wrong.
 */
const shift = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const Real = Date;

globalThis.Date = new Proxy(Real, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [Real.now() + shift] : args, newTarget) as Date,
  apply: () => new Real(Real.now() + shift).toString(),
  get: (target, name, receiver) => (name === 'now' ? () => Real.now() + shift : Reflect.get(target, name, receiver)),
});
