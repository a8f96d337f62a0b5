import { step, type Trip } from './trip.ts'

/**
 * Three stages and a booking before them. The last stage fails and has a member whose answer is lost: whether it happened
 * is known only where somebody may ask. The answer to one compensation is lost too.
 */
export const FAILING_TRIP: Trip = {
  before: step('hotel'),
  stages: [
    [step('pay', { attempts: 2, undo: 'loses' })],
    [step('seat'), step('meal', { undoneByTool: true }), step('car')],
    [step('ship', { fate: 'declines' }), step('mail', { fate: 'loses' })],
  ],
  ending: 'ends',
}

/** A trip that a human has to say yes to in the middle. */
export const ASKING_TRIP: Trip = {
  before: step('hotel'),
  stages: [[step('pay')], [step('visa', { approval: 'parks' })], [step('ship')]],
  ending: 'ends',
}

/** The same, with a step beside the one that waits. */
export const BESIDE_TRIP: Trip = {
  ...ASKING_TRIP,
  stages: [[step('pay')], [step('visa', { approval: 'parks' }), step('meal')], [step('ship')]],
}

/** The same, waiting in place. */
export const BLOCKING_TRIP: Trip = {
  ...ASKING_TRIP,
  stages: [[step('pay')], [step('visa', { approval: 'blocks' })], [step('ship')]],
}

/** A trip that a human says no to in the middle. */
export const DENIED_TRIP: Trip = {
  ...ASKING_TRIP,
  stages: [[step('pay')], [step('visa', { approval: 'parks', decision: 'deny' })], [step('ship')]],
}
