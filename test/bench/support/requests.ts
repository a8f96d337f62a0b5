/** What a model is asked, in the shape of OpenAI's chat. */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly object[]
  readonly tools: readonly object[]
}

const ASCII =
  `account address after agent amount answer before begin "between" billing call cancel card change charge check \
city close common country customer date deliver order {"id": 4711} during email error every failed fetch first \
found function given however https://example.com/a/b?c=d import index invoice item known large later let limit list \
match message missing money month name never next number often open other page parcel paid part payment person phone place \
price problem question rather reason receipt refund repeat request result return (which) service should signature since start \
status still street support ticket time today total tracking until update value warehouse when where whether without\n`
    .trimEnd()
    .split(' ')
const CHINESE =
  '我们 今天 去 市场 买了 一些 新鲜的 蔬菜 和 水果 然后 回家 做了 一顿 丰盛的 晚餐 客户 订单 已经 发货 请 确认 地址 退款 金额'.split(
    ' ',
  )

/** Text of so many characters that is the same for the same seed, and repeats itself no more than people do. */
export function textOf(seed: number, length: number, language: 'ascii' | 'chinese' = 'ascii'): string {
  const words = language === 'ascii' ? ASCII : CHINESE
  const next = numbers(seed)
  let text = ''
  while (text.length < length) {
    text += words[next() % words.length]
    text += next() % 9 === 0 ? (language === 'ascii' ? '.\n' : '。') : language === 'ascii' ? ' ' : ''
  }
  return text.slice(0, length)
}

/** A turn of an agent: a call of a tool, and what it answers. */
export function turnOf(turn: number, length: number, language: 'ascii' | 'chinese' = 'ascii'): readonly object[] {
  const id = `call_${turn}`
  const call = { name: 'find_orders', arguments: JSON.stringify({ customer: textOf(turn, 60), limit: turn }) }
  return [
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: call }] },
    { role: 'tool', tool_call_id: id, content: textOf(turn * 7 + 1, length, language) },
  ]
}

export function requestOf(messages: readonly object[]): ChatRequest {
  const system = { role: 'system', content: textOf(0, 2_000) }
  return { model: 'gpt-5', messages: [system, ...messages], tools: TOOLS }
}

const TOOLS = Array.from({ length: 8 }, (_, index) => ({
  type: 'function',
  function: {
    name: `find_orders_${index}`,
    description: textOf(index, 120),
    parameters: {
      type: 'object',
      properties: { customer: { type: 'string', description: textOf(index, 40) }, limit: { type: 'integer' } },
      required: ['customer'],
    },
  },
}))

/** The same row of numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state >>> 8
  }
}
