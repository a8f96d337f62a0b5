import { Buffer } from 'node:buffer'
import type { UsageReading } from 'holdfast'
import { responseWith } from '../exchange/response-with.ts'
import { BatchTotal } from './batch-total.ts'

const NEW_LINE = 0x0a

/** Hands the results of an Anthropic batch on, a line for each of its requests, and before the end says what they used. */
export function tapBatchResults(
  response: Response,
  provider: string,
  correct: (reading: UsageReading | undefined) => Promise<void>,
): Response {
  if (response.body === null) return response
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const lines = new Lines(new BatchTotal(provider))
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read()
        if (!done) {
          lines.push(value)
          return controller.enqueue(value)
        }
        await correct(lines.end())
        controller.close()
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return responseWith(response, body)
}

/** Bytes as they come, taken apart into lines. */
class Lines {
  readonly #total: BatchTotal
  #open: Uint8Array[] = []

  constructor(total: BatchTotal) {
    this.#total = total
  }

  push(chunk: Uint8Array): void {
    let start = 0
    for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, start)) {
      this.#open.push(chunk.subarray(start, end))
      this.#close()
      start = end + 1
    }
    if (start < chunk.length) this.#open.push(chunk.subarray(start))
  }

  end(): UsageReading | undefined {
    this.#close()
    return this.#total.reading()
  }

  #close(): void {
    const line = Buffer.concat(this.#open.splice(0)).toString()
    if (line.trim() !== '') this.#total.add(line)
  }
}
