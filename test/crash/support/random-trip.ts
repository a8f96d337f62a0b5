import type { CrashGround } from './crash-ground.ts'
import { POLICIES } from './order-tools.ts'
import { Seeded } from './seeded.ts'
import { step, type Trip, type TripStep } from './trip.ts'
import type { TripCase } from './trip-case.ts'
import type { TripRole } from './trip-options.ts'

/** The points, and how often a process of a trip may pass each. */
const POINTS: Readonly<Record<string, number>> = {
  'in-open-transaction': 2,
  'before-claim': 6,
  'in-claim-transaction': 6,
  'after-claim': 6,
  'in-heartbeat': 4,
  'request-left': 6,
  'service-acted': 6,
  'in-body': 6,
  'before-commit': 6,
  'in-commit-transaction': 6,
  'after-commit': 6,
  'in-request-transaction': 1,
  'after-request': 1,
  'before-wake': 1,
  'while-closing': 3,
  'in-close-transaction': 3,
  'after-failure': 2,
  'after-run': 1,
}

/** Reached where something is undone, be it by who failed or by who recovers. */
const UNDOING: Readonly<Record<string, number>> = {
  'before-compensation': 2,
  'before-reconcile': 2,
  'after-reconcile-hook': 2,
  'in-resolve-transaction': 2,
  'before-compensation-claim': 6,
  'in-compensation-claim-transaction': 6,
  'after-compensation-claim': 6,
  'before-compensation-body': 6,
  'undo-left': 6,
  'service-undid': 6,
  'in-undo': 6,
  'before-compensation-commit': 6,
  'in-compensation-commit-transaction': 6,
  'after-compensation-commit': 6,
  'between-compensations': 5,
  'after-compensations': 2,
  'in-finish-transaction': 2,
}

/** Each with the points that its processes reach. */
const ROLES: Readonly<Record<TripRole, Readonly<Record<string, number>>>> = {
  agent: { ...POINTS, ...UNDOING },
  recover: { 'after-sweep': 1, 'in-open-compensation-transaction': 2, ...UNDOING, ...UNDOING },
  decide: { 'before-decision': 1, 'in-decision-transaction': 1, 'after-decision': 1 },
}

const HEIRS = [['recover'], ['recover', 'recover'], ['agent'], ['agent', 'recover']] as const

export function randomTrip(seed: number, { service, directory }: CrashGround): TripCase {
  const random = new Seeded(seed)
  return {
    ...{ service, directory, caseId: `trip-${seed}` },
    policy: random.pick(POLICIES),
    trip: tripOf(random),
    crashes: crashesOf(random),
    heirs: random.pick(HEIRS),
    resumes: random.below(2) === 0,
  }
}

function tripOf(random: Seeded): Trip {
  const stages = Array.from({ length: 1 + random.below(5) }, (_, stage) =>
    Array.from({ length: 1 + random.below(3) }, (_, place) => stepOf(random, `${stage}.${place}`)),
  )
  return { before: stepOf(random, 'before'), stages, ending: random.pick(['ends', 'ends', 'throws', 'catches']) }
}

/** Most steps go well: a trip whose first step fails shows little. */
function stepOf(random: Seeded, place: string): TripStep {
  const isWell = random.below(4) > 0
  return step(`step-${place}`, {
    fate: isWell ? 'good' : random.pick(['declines', 'loses', 'drops', 'busy', 'garbled']),
    undo: random.below(3) > 0 ? 'good' : random.pick(['loses', 'drops', 'busy', 'declines']),
    undoneByTool: random.below(4) === 0,
    attempts: random.pick([1, 1, 2, 3]),
    optional: random.below(6) === 0,
    approval: random.below(7) === 0 ? random.pick(['parks', 'blocks']) : null,
    decision: random.below(5) > 0 ? 'approve' : 'deny',
  })
}

function crashesOf(random: Seeded): Record<TripRole, string[]> {
  const crashes: Record<TripRole, string[]> = { agent: [], recover: [], decide: [] }
  for (let left = 1 + random.below(3); left > 0; left--) {
    const role = random.pick(['agent', 'agent', 'agent', 'recover', 'recover', 'decide'] as const)
    const [point, times] = random.pick(Object.entries(ROLES[role]))
    crashes[role].push(`${point}:${1 + random.below(times)}`)
  }
  return crashes
}
