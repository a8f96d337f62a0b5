import { type AnyTool, ConfigError, tool } from 'holdfast'
import * as valibot from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { shownTools } from './shown-tools.ts'

const execute = () => 'done'

describe('a model is told a tool’s arguments', () => {
  test('by its parameters, as they are', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const weather = tool({ name: 'weather', description: 'The weather of a city.', parameters, execute })
    expect(shownTools([weather])).toEqual([{ name: 'weather', description: 'The weather of a city.', parameters }])
  })

  test('by its schema, as what goes into it', () => {
    const inputSchema = z.object({
      cents: z.string().transform(Number).describe('in cents'),
      note: z.string().default('none'),
    })
    expect(shownTools([tool({ name: 'pay', inputSchema, execute })])).toEqual([
      {
        name: 'pay',
        description: undefined,
        parameters: {
          type: 'object',
          properties: { cents: { type: 'string', description: 'in cents' }, note: { type: 'string', default: 'none' } },
          required: ['cents'],
        },
      },
    ])
  })

  test('by its parameters rather than by its schema', () => {
    const parameters = { type: 'object' }
    const both = tool({ name: 'both', parameters, inputSchema: z.object({ a: z.string() }), execute })
    expect(shownTools([both])[0]?.parameters).toBe(parameters)
  })
})

describe('a tool that no model can be told of is refused by name', () => {
  test.each<[string, AnyTool, string]>([
    ['without either', tool({ name: 'none', execute }), "tool 'none' has neither"],
    [
      'of a library that makes no JSON Schema',
      tool({ name: 'v', inputSchema: valibot.object({ a: valibot.string() }), execute }),
      "tool 'v' has an `inputSchema` of valibot",
    ],
    [
      'whose schema has none',
      tool({ name: 'date', inputSchema: z.object({ at: z.date() }), execute }),
      "tool 'date' has an `inputSchema` that has no JSON Schema",
    ],
    [
      'whose arguments are no object',
      tool({ name: 'text', inputSchema: z.string(), execute }),
      "tool 'text' has an `inputSchema` that is no object",
    ],
  ])('%s', (_, one, message) => {
    expect(() => shownTools([one])).toThrow(ConfigError)
    expect(() => shownTools([one])).toThrow(message)
  })

  test('as is a name that is there twice, and what is no tool', () => {
    const one = tool({ name: 'one', parameters: { type: 'object' }, execute })
    expect(() => shownTools([one, one])).toThrow("two tools are called 'one'")
    expect(() => shownTools([one, execute as unknown as AnyTool])).toThrow('tools[1] is not made by tool')
  })
})
