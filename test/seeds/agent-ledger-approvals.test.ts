/** The weaknesses of agent-ledger about approvals, secrets and undoing, each with a test that ours does not have it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ApprovalDeniedError,
  ApprovalRequiredError,
  aesGcm,
  formatRun,
  ManualClock,
  type Run,
  redactFields,
  tool,
} from 'holdfast'
import { expect, test } from 'vitest'
import { killedAt } from './support/children.ts'
import { fileLedger, memoryLedger, temporaryFolder, twoOwners } from './support/ledgers.ts'
import { asked, openQuestions, refundsIn, refundTool } from './support/refunds.ts'

const ORDER = { order: 1, cents: 2_500 }
const ID = { id: 'turn-1' }

test('L2: a crash between the claim and the question does not let the next life execute unapproved', async () => {
  const folder = temporaryFolder()
  await killedAt('begun', './refunding-agent.ts', folder, 'begin by hand')
  const refund = refundTool(folder, { onUnknown: 'retry' })
  const ledger = fileLedger(folder, { tools: [refund] })
  expect(await ledger.recover()).toMatchObject({ expired: 1, resumed: [] })
  const key = await asked(ledger, ID.id, () => refund(ORDER))
  expect(refundsIn(folder)).toEqual([])
  await ledger.approvals.deny(key, { by: 'ann' })
  // A no leaves it in the doubt in which the crash left it, and still starts nothing.
  await expect(ledger.run({ ...ID, onError: 'keep' }, () => refund(ORDER))).rejects.toSatisfy(
    (error) => ApprovalDeniedError.find(error)?.by === 'ann',
  )
  expect(refundsIn(folder)).toEqual([])
})

test('L2: nor does an owner who only seemed dead: whoever takes over asks, and what that owner knows is the end of it', async () => {
  const { clock, hung, live } = twoOwners()
  const folder = temporaryFolder()
  const free = refundTool(folder, { approval: false })
  const strict = refundTool(folder, { onUnknown: 'retry' })
  const owner = await hung.open({ id: 'l2', shared: true })
  const claim = await owner.begin(free, ORDER)
  await clock.advance(60_001)
  const other = await live.open({ id: 'l2', shared: true })
  await expect(other.perform(strict, ORDER)).rejects.toThrow(ApprovalRequiredError)
  const [key = ''] = await openQuestions(live)
  if (claim.kind !== 'claimed') throw new Error(claim.kind)
  // It began when nobody had to be asked, and nobody has executed it since.
  expect(await claim.commit('of the one who seemed dead')).toBe('of the one who seemed dead')
  expect(await live.approvals.approve(key), 'there is nothing left to approve').toBe(false)
  const third = await live.open({ id: 'l2', shared: true })
  expect(await third.perform(strict, ORDER)).toBe('of the one who seemed dead')
  expect(refundsIn(folder)).toEqual([])
})

test('L2: once a human has approved the takeover, the owner who wakes is too late', async () => {
  const { clock, hung, live } = twoOwners()
  const folder = temporaryFolder()
  const strict = refundTool(folder, { onUnknown: 'retry' })
  const owner = await hung.open({ id: 'l2', shared: true })
  const claim = await owner.begin(refundTool(folder, { approval: false }), ORDER)
  await clock.advance(60_001)
  const perform = async () => (await live.open({ id: 'l2', shared: true })).perform(strict, ORDER)
  await expect(perform()).rejects.toThrow(ApprovalRequiredError)
  await live.approvals.approve((await openQuestions(live))[0] ?? '')
  expect(await perform()).toBe('2500 refunded')
  if (claim.kind !== 'claimed') throw new Error(claim.kind)
  await expect(claim.commit('of the one who seemed dead')).rejects.toMatchObject({ code: 'lease-lost' })
  expect(await live.effects.list()).toMatchObject([{ status: 'succeeded', result: '2500 refunded' }])
  expect(refundsIn(folder)).toEqual(['refund 2500 of order 1'])
})

test('an approval can be required by a function, by options, by the call, or by the ledger', async () => {
  const folder = temporaryFolder()
  const ledger = memoryLedger()
  const ways = [
    () => refundTool(folder, { approval: ({ cents }) => cents > 1_000 })(ORDER),
    () => refundTool(folder, { approval: { when: async ({ cents }) => cents > 1_000 } })(ORDER),
    () => refundTool(folder, { approval: false })(ORDER, { approval: true }),
  ]
  for (const [turn, way] of ways.entries()) await asked(ledger, `turn-${turn}`, way)
  const strict = memoryLedger({ irreversible: 'approve' })
  await asked(strict, 'turn', () => refundTool(folder, { approval: false })(ORDER))
  expect(refundsIn(folder)).toEqual([])
})

test('a question can be taken back, and what is decided about something else answers false', async () => {
  const folder = temporaryFolder()
  const ledger = memoryLedger()
  const refund = refundTool(folder)
  const key = await asked(ledger, ID.id, () => refund(ORDER))
  expect(await ledger.approvals.cancel(key, { by: 'ann' })).toBe(true)
  expect([await ledger.approvals.approve(key), await ledger.approvals.deny(key)]).toEqual([false, false])
  expect(await ledger.effects.get(key)).toMatchObject({ status: 'canceled' })
  expect(refundsIn(folder)).toEqual([])
})

test('L10: who approved, when and why is kept, also of a decision that was overruled', async () => {
  const ledger = memoryLedger()
  const refund = refundTool(temporaryFolder())
  const key = await asked(ledger, ID.id, () => refund(ORDER))
  await ledger.approvals.deny(key, { by: 'ann', reason: 'too much' })
  await ledger.approvals.approve(key, { by: 'bob', reason: 'I know them', overrule: true })
  expect(await ledger.run(ID, () => refund(ORDER))).toBe('2500 refunded')
  const exported = await ledger.runs.export(ID.id)
  expect(exported.approvals).toMatchObject([{ by: 'bob', decisionReason: 'I know them', status: 'approved' }])
  const said = exported.entries.filter(({ kind }) => kind.startsWith('approval-'))
  expect(said.map(({ kind, detail }) => [kind, (detail as { by?: string }).by])).toEqual([
    ['approval-requested', undefined],
    ['approval-denied', 'ann'],
    ['approval-approved', 'bob'],
  ])
  expect(said.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true)
})

test('L10: a question expires, and nothing that was asked for then executes without being asked anew', async () => {
  const clock = new ManualClock()
  const folder = temporaryFolder()
  const ledger = memoryLedger({ clock, leaseMs: 10 ** 12 })
  const refund = refundTool(folder, { approval: { expiresMs: 1_000 } })
  const key = await asked(ledger, ID.id, () => refund(ORDER))
  await clock.advance(1_000)
  expect(await ledger.approvals.get(key)).toMatchObject({ status: 'expired' })
  expect(await openQuestions(ledger)).toEqual([])
  expect(await ledger.approvals.approve(key)).toBe(false)
  expect(await asked(ledger, ID.id, () => refund(ORDER))).toBe(key)
  expect(refundsIn(folder)).toEqual([])
  expect(await ledger.approvals.get(key)).toMatchObject({ status: 'pending', generation: 2 })
})

test('L10: a result that comes when a human is asked already breaks nothing, and is kept as evidence', async () => {
  const ledger = memoryLedger()
  const charge = tool({ name: 'charge', execute: (_: undefined): string => 'never called' })
  const came = await ledger
    .run({ ...ID, onError: 'keep' }, async (run: Run) => {
      const claim = await run.begin(charge, undefined)
      if (claim.kind !== 'claimed') throw new Error(claim.kind)
      expect(await ledger.approvals.request(claim.key, { reason: 'unusual' })).toBe(true)
      return claim.commit('charged').catch((error: { code: string }) => error.code)
    })
    .catch((error: { code: string }) => error.code)
  expect(came).toBe('lease-lost')
  // The run has ended, and its open question with it.
  expect(await ledger.effects.list()).toMatchObject([{ status: 'canceled', result: undefined }])
  const { entries } = await ledger.runs.export(ID.id)
  expect(entries.find(({ kind }) => kind === 'late-outcome')?.detail).toMatchObject({ result: 'charged' })
  expect((await ledger.verify()).problems).toEqual([])
})

test('L10: nor does it count when the question was answered and somebody else has it', async () => {
  const { hung, live } = twoOwners()
  const charge = tool({ name: 'charge', execute: (_: undefined): string => 'never called' })
  const [one, other] = [await hung.open({ id: 'l10', shared: true }), await live.open({ id: 'l10', shared: true })]
  const first = await one.begin(charge, undefined)
  if (first.kind !== 'claimed') throw new Error(first.kind)
  await live.approvals.request(first.key)
  await live.approvals.approve(first.key)
  const second = await other.begin(charge, undefined)
  if (second.kind !== 'claimed') throw new Error(second.kind)
  await expect(first.commit('of the one who was asked about')).rejects.toMatchObject({ code: 'lease-lost' })
  expect(await second.commit('of the one with the yes')).toBe('of the one with the yes')
  expect(await live.effects.list()).toMatchObject([{ status: 'succeeded', result: 'of the one with the yes' }])
})

test('L10: a decision of the same process is heard of at once, without polling', async () => {
  const folder = temporaryFolder()
  const ledger = memoryLedger({ wait: { initialMs: 10 ** 8, maxMs: 10 ** 8, jitter: 0 } })
  const refund = refundTool(folder, { approval: { block: true } })
  ledger.on('approval-requested', ({ key }) => void ledger.approvals.approve(key))
  expect(await ledger.run(ID, () => refund(ORDER))).toBe('2500 refunded')
})

test('L10: secrets are shown to nobody, and with a codec they are not in the file either', async () => {
  const folder = temporaryFolder()
  const secret = 'sk-live-0123456789'
  const codec = aesGcm({ id: 'a', key: new Uint8Array(32).fill(7) })
  const ledger = fileLedger(folder, { codec, redact: redactFields(['apiKey']) })
  const keys: string[] = []
  const connect = tool({
    name: 'connect',
    approval: true,
    execute: ({ apiKey }: { apiKey: string }) => {
      keys.push(apiKey)
      return { apiKey }
    },
  })
  const told: unknown[] = []
  for (const event of ['approval-requested', 'approval-decided', 'effect-succeeded'] as const)
    ledger.on(event, (facts: unknown) => told.push(facts))
  const key = await asked(ledger, ID.id, () => connect({ apiKey: secret }))
  const question = await ledger.approvals.get(key)
  await ledger.approvals.approve(key)
  // Execution does not see the mask.
  expect(await ledger.run(ID, () => connect({ apiKey: secret }))).toEqual({ apiKey: secret })
  expect(keys).toEqual([secret])
  const exported = await ledger.runs.export(ID.id)
  const shown = [question, told, exported, formatRun(exported), await ledger.effects.list(), await ledger.runs.list()]
  expect(JSON.stringify(shown)).not.toContain(secret)
  expect(inFiles(folder, 'connect'), 'the search finds what is there').toBe(true)
  expect(inFiles(folder, secret)).toBe(false)
})

test('L10: what happened can be undone, in reverse, and a question that was open is not left behind', async () => {
  const undone: number[] = []
  const folder = temporaryFolder()
  const pay = tool({
    name: 'pay',
    execute: ({ cents }: { cents: number }) => cents,
    compensate: (cents) => void undone.push(cents),
  })
  const ledger = memoryLedger({ tools: [pay] })
  const refund = refundTool(folder)
  const key = await asked(ledger, ID.id, async () => {
    await pay({ cents: 1 })
    await pay({ cents: 2 })
    await refund(ORDER)
  })
  expect(undone).toEqual([])
  expect(await ledger.runs.compensate(ID.id)).toMatchObject({ status: 'compensated', compensated: 2 })
  expect(undone).toEqual([2, 1])
  expect(await ledger.approvals.approve(key)).toBe(false)
  expect(refundsIn(folder)).toEqual([])
})

function inFiles(folder: string, text: string): boolean {
  return ['ledger.db', 'ledger.db-wal'].some((name) => readFileSync(join(folder, name)).includes(text))
}
