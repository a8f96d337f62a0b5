// The demo: eight scenes, each in processes of its own, and where to look afterwards.
import { resolve } from 'node:path'
import { DEFAULT_STATE_DIRECTORY } from './config.ts'
import { heading, say } from './demo/screen.ts'
import { openStage } from './demo/stage.ts'
import { cleanOrder } from './scenes/clean-order.ts'
import { fiftyAtOnce } from './scenes/fifty-at-once.ts'
import { killedMidCharge } from './scenes/killed-mid-charge.ts'
import { killedMidCompensation } from './scenes/killed-mid-compensation.ts'
import { refundNeedsAYes } from './scenes/refund-needs-a-yes.ts'
import { sameOrderAgain } from './scenes/same-order-again.ts'
import { shippingFails } from './scenes/shipping-fails.ts'
import { stuckInALoop } from './scenes/stuck-in-a-loop.ts'
import { whereToLook } from './scenes/where-to-look.ts'

async function main(stateDirectory: string): Promise<void> {
  const startedAt = performance.now()
  const stage = await openStage(stateDirectory)
  try {
    heading('Holdfast: an order agent whose deeds happen once, or are undone')
    say(
      "The agent is OpenAI's own client in a tool-calling loop; it takes stock, charges a card, books a parcel, writes a mail.",
    )
    say(
      stage.modelIsLocal
        ? 'The model is a local server that plays one, at the price of a small one. Set OPENAI_API_KEY for a real one.'
        : `The model is ${stage.config.openai.model}.`,
    )
    const words = await cleanOrder(stage, '1001')
    await sameOrderAgain(stage, '1001', words)
    await killedMidCharge(stage, '1002')
    await shippingFails(stage, '1003')
    await refundNeedsAYes(stage, '1001')
    await killedMidCompensation(stage, '1004')
    await fiftyAtOnce(stage, '1001')
    await stuckInALoop(stage, '1001')
    await whereToLook(stage, '1004')
    say(`\nAll of it took ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`)
  } finally {
    await stage.close()
  }
}

main(resolve(process.argv[2] ?? DEFAULT_STATE_DIRECTORY)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
