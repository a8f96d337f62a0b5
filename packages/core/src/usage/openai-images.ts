import { countOf, fieldsOf, partOf } from './fields.ts'
import { splitInput, splitOutput } from './split-tokens.ts'
import { type Fields, makeReading, type UsageReading } from './usage-reading.ts'

/**
 * Images that were made or changed. What came out is image unless the answer says that a part of it is text; drawings
 * that another model made are a reading of their own.
 */
export function readOpenaiImages(body: Fields): UsageReading | undefined {
  const usage = fieldsOf(body.usage)
  const drawn = drawingOf(fieldsOf(body.svg_usage ?? usage.svg_usage))
  const input = countOf(usage.input_tokens)
  const output = countOf(usage.output_tokens)
  const reading = makeReading({
    usage: {
      ...(input === undefined ? {} : inputOf(input, usage)),
      ...(output === undefined ? {} : outputOf(output, usage)),
    },
    complete: input !== undefined && output !== undefined,
    model: body.model,
    others: drawn === undefined ? [] : [drawn],
  })
  return reading ?? drawn
}

function inputOf(total: number, usage: Fields): ReturnType<typeof splitInput> {
  const details = fieldsOf(usage.input_tokens_details)
  return splitInput({ total, cached: partOf(details.cached_tokens), image: partOf(details.image_tokens) })
}

function outputOf(total: number, usage: Fields): ReturnType<typeof splitOutput> {
  const text = Math.min(total, partOf(fieldsOf(usage.output_tokens_details).text_tokens))
  return splitOutput({ total, image: total - text })
}

function drawingOf(usage: Fields): UsageReading | undefined {
  const input = countOf(usage.input_tokens)
  const output = countOf(usage.output_tokens)
  const reasoning = partOf(usage.reasoning_tokens)
  // Its total tells whether the reasoning is part of the output.
  const hidden = Math.max(0, partOf(usage.total_tokens) - (input ?? 0) - (output ?? 0))
  return makeReading({
    usage: { input, ...(output === undefined ? {} : splitOutput({ total: output + hidden, reasoning })) },
    complete: input !== undefined && output !== undefined,
    model: usage.model,
  })
}
