import { countOf } from './fields.ts'
import { type Fields, makeReading, type UsageReading } from './usage-reading.ts'

/** Ollama's own API. It leaves out the prompt where that was cached from the call before. */
export function readOllama(body: Fields): UsageReading | undefined {
  const input = countOf(body.prompt_eval_count)
  const output = countOf(body.eval_count)
  // An embedding has no output, and answers with vectors.
  const isEmbedding = Array.isArray(body.embeddings)
  return makeReading({
    usage: { input, output },
    complete: input !== undefined && (output !== undefined || isEmbedding),
    model: body.model,
  })
}
