import { describe, expect, test } from 'vitest'
import { expectSame } from './support/expect-same.ts'
import { OPENAI_BODIES } from './support/openai-bodies.ts'
import { ODD_ERRORS, OPENAI_ERRORS, OPENAI_RESPONSES } from './support/openai-responses.ts'
import { hasRecordedAnswers, OPENAI_RECORDED } from './support/recorded.ts'
import { OPENAI } from './support/sdks.ts'

const CASES = [...OPENAI_BODIES, ...OPENAI_RESPONSES, ...OPENAI_ERRORS, ...ODD_ERRORS]

describe.each(OPENAI)('$name: what a caller sees is what the bare client shows', (sdk) => {
  test.each(CASES)('$name', (one) => expectSame(sdk, one))
  test.skipIf(!hasRecordedAnswers)('there are recorded answers', () =>
    expect(OPENAI_RECORDED.length).toBeGreaterThan(20),
  )
  // Byte by byte, the bare client goes over its long events anew with each of their bytes.
  test.each(OPENAI_RECORDED)('$name', (one) => expectSame(sdk, one, [undefined]))
})
