import { OurLedger } from './our-ledger.ts'
import { bookTool, goOnTrip } from './trip.ts'

/** A process that goes on trips and is killed when it is in the middle of all of them. */
async function main(path: string, trips: number): Promise<void> {
  const our = new OurLedger(path, 'fast')
  let reached = () => {}
  const book = bookTool(() => {
    reached()
    return new Promise(() => {})
  })
  for (let n = 0; n < trips; n++) {
    const stuck = new Promise<void>((resolve) => {
      reached = resolve
    })
    void our.ledger.run({ id: `trip-${n}` }, () => goOnTrip(book, n))
    await stuck
  }
  process.kill(process.pid, 'SIGKILL')
}

const [path = '', trips = '0'] = process.argv.slice(2)
await main(path, Number(trips))
