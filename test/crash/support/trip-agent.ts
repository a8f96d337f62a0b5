import { type Saga, type SagaGroup, saga } from 'holdfast'
import type { Trip, TripStep } from './trip.ts'
import type { TripTool, TripTools } from './trip-tools.ts'

type AnySaga = Saga<string, object>
type AnyGroup = SagaGroup<string, object, object>

/** What a run of a trip does: books, goes through the saga, and ends as its plan says. */
export function tripAgent(trip: Trip, tools: TripTools): () => Promise<unknown> {
  const book = toolOf(tools, trip.before)
  const journey = journeyOf(trip, tools)
  return async () => {
    const booked = await book({ what: trip.before.what })
    const done = await journey.execute('a trip').catch((error: unknown) => {
      if (trip.ending !== 'catches') throw error
      return 'stayed at home'
    })
    if (trip.ending === 'throws') throw new Error('the weather is bad')
    return { booked, done }
  }
}

/** Its steps are known at run time only, and so are their names. */
function journeyOf({ stages }: Trip, tools: TripTools): AnySaga {
  let journey: AnySaga = saga<string>('journey')
  for (const steps of stages) {
    const [only] = steps
    if (steps.length === 1 && only !== undefined) journey = withStep(journey, only, tools)
    else journey = journey.parallel((group: AnyGroup) => steps.reduce((all, step) => withStep(all, step, tools), group))
  }
  return journey
}

function withStep<Built extends AnySaga | AnyGroup>(built: Built, step: TripStep, tools: TripTools): Built {
  const { what, optional } = step
  return (built as AnySaga).step(what, toolOf(tools, step), () => ({ what }), { optional }) as unknown as Built
}

function toolOf({ byStep }: TripTools, { what }: TripStep): TripTool {
  return byStep.get(what) as TripTool
}
