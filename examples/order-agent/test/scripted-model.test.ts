import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import { describe, expect, it } from 'vitest'
import { readOrder } from '../src/orders.ts'
import { conversation } from '../src/services/conversation.ts'
import { decide } from '../src/services/scripted-model.ts'

const ASKED: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Please fulfil order 1001.' }]
const CHARGED = after(['find-order', readOrder('1001')], ['take-stock', { left: 7 }], ['charge-card', { id: 'ch_1' }])
const REFUND: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Please refund order 1001.' }]
const WATCH: ChatCompletionMessageParam = { role: 'user', content: 'Please watch the parcel of order 1001.' }
const SHIPPED = [...CHARGED, ...after(['book-shipping', { tracking: 'HF42' }]).slice(1)]

describe('the scripted model', () => {
  it('decides from the conversation, and from nothing else', () => {
    expect(decide(ASKED, 0)).toMatchObject({ tool: 'find-order', args: { orderId: '1001' } })
    expect(decide(CHARGED, 0)).toMatchObject({ tool: 'book-shipping', args: { address: '12 Quay Street, Galway' } })
  })

  it('uses what the tools told it', () => {
    expect(decide(SHIPPED, 0)).toMatchObject({ tool: 'send-mail', args: { text: expect.stringContaining('HF42') } })
  })

  it('does the job that it was asked for', () => {
    const found = after(['find-order', readOrder('1001')])
    const refund = [...REFUND, ...found.slice(1)]
    expect(decide(refund, 0)).toMatchObject({ tool: 'refund-card', args: { orderId: '1001', cents: 4990 } })
  })

  it('stops at the first error and says why', () => {
    const failed = after(['find-order', readOrder('1001')], ['take-stock', { error: 'None left.' }])
    expect(decide(failed, 0)).toEqual({ kind: 'say', orderId: '1001', text: 'I stopped: None left.' })
  })

  it('drafts the same letter each time', () => {
    const wanted: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Please draft a letter for order 1001.' }]
    expect(decide(wanted, 0)).toEqual(decide(wanted, 1))
    expect(decide(wanted, 0)).toMatchObject({ kind: 'say', orderId: '1001' })
  })

  it('asks where a parcel is for as long as it is asked itself, also when it was told not to', () => {
    const underWay = after(['track-parcel', { status: 'in transit' }])
    const [, called, answer] = underWay
    const advised = [WATCH, called, { ...answer, content: `${answer?.content}\n\nNote: nothing changed.` }]
    for (const messages of [[WATCH], [WATCH, ...underWay.slice(1)], advised])
      expect(decide(messages as ChatCompletionMessageParam[], 0)).toMatchObject({ tool: 'track-parcel' })
    expect(conversation(advised as ChatCompletionMessageParam[])).toMatchObject({
      advice: 'Note: nothing changed.',
      failure: undefined,
    })
  })

  it('words the same answer differently the next time', () => {
    expect(decide(SHIPPED, 0)).not.toEqual(decide(SHIPPED, 1))
  })
})

function after(...results: readonly (readonly [tool: string, result: unknown])[]): ChatCompletionMessageParam[] {
  const told = results.flatMap(([tool, result]): ChatCompletionMessageParam[] => [
    {
      role: 'assistant',
      tool_calls: [{ id: `call_${tool}`, type: 'function', function: { name: tool, arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: `call_${tool}`, content: JSON.stringify(result) },
  ])
  return [...ASKED, ...told]
}
