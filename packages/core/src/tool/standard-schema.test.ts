import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { validate } from './standard-schema.ts'

const schemas: [string, StandardSchemaV1<unknown, unknown>][] = [
  ['zod', z.object({ cents: z.number(), lines: z.array(z.object({ sku: z.string() })).default([]) })],
  ['valibot', v.object({ cents: v.number(), lines: v.optional(v.array(v.object({ sku: v.string() })), []) })],
]

describe.each(schemas)('validate with %s', (_, schema) => {
  test('gives what the schema parsed, at once', () => {
    expect(validate(schema, { cents: 1 }, 'charge')).toEqual({ cents: 1, lines: [] })
  })

  test('refuses with the tool and every place that does not fit', () => {
    const error = caught(() => validate(schema, { cents: 'x', lines: [{ sku: 'a' }, { sku: 2 }] }, 'charge'))
    expect(error.tool).toBe('charge')
    expect(error.issues.map(({ path }) => path)).toEqual(['cents', 'lines[1].sku'])
    expect(error.message).toContain('lines[1].sku')
  })
})

describe('validate', () => {
  test('waits for an asynchronous schema', async () => {
    const schema = z.string().refine(async (text) => text !== 'bad')
    await expect(validate(schema, 'good', 't')).resolves.toBe('good')
    await expect(validate(schema, 'bad', 't')).rejects.toSatisfy(
      InvalidArgumentsError.isInstance.bind(InvalidArgumentsError),
    )
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('schema bug')
      },
    ],
    ['rejects', () => Promise.reject(new Error('schema bug'))],
  ])('refuses when the schema itself %s', async (_, run) => {
    const schema: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'test', validate: run } }
    const error = await (async () => validate(schema, 1, 't'))().catch((thrown: unknown) => thrown)
    expect(InvalidArgumentsError.isInstance(error) && error.cause).toMatchObject({ message: 'schema bug' })
  })
})

function caught(run: () => unknown): InvalidArgumentsError {
  try {
    run()
  } catch (error) {
    if (InvalidArgumentsError.isInstance(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
