/** A source of numbers in [0, 1); injected, so that tests decide. */
export type Random = () => number

/** The platform's generator: good for jitter, not for secrets. */
export const systemRandom: Random = () => Math.random()
