import { LoopDetectedError } from '../../errors/loop-detected-error.ts'

/** Calls again and again: how often, until it was stopped as a loop; what else is thrown counts as an answer. */
export async function again(most: number, call: (time: number) => unknown): Promise<number> {
  for (let time = 0; time < most; time++) {
    try {
      await call(time)
    } catch (error) {
      if (LoopDetectedError.isInstance(error)) return time
    }
  }
  return most
}
