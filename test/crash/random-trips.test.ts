import { afterAll, beforeAll, describe, it } from 'vitest'
import { CrashGround } from './support/crash-ground.ts'
import { expectTripOver } from './support/expect-trip-over.ts'
import { randomTrip } from './support/random-trip.ts'
import { Slots } from './support/slots.ts'
import { TripRunner } from './support/trip-case.ts'

const soaking = process.env.HOLDFAST_SOAK === '1'
const seedCount = Number(process.env.HOLDFAST_SOAK_SEEDS ?? (soaking ? 500 : 40))
const firstSeed = Number(process.env.HOLDFAST_SOAK_FIRST ?? 1)
const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index)

describe('a random trip, whose processes are killed at random and recovered by one or two others', () => {
  let ground: CrashGround
  const slots = new Slots(2)

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  it.concurrent.for(seeds)('is done, or undone once, or listed: seed %i', async (seed) => {
    await slots.use(async () => {
      const tripCase = randomTrip(seed, ground)
      await using runner = new TripRunner(tripCase)
      await runner.toTheEnd()
      await expectTripOver(tripCase, runner)
    })
  })
})
