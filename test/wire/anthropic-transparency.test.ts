import { describe, expect, test } from 'vitest'
import { ANTHROPIC_BODIES, ANTHROPIC_ERRORS } from './support/anthropic-bodies.ts'
import { expectSame } from './support/expect-same.ts'
import { ANTHROPIC_RECORDED, hasRecordedAnswers } from './support/recorded.ts'
import { ANTHROPIC } from './support/sdks.ts'

describe.each(ANTHROPIC)('$name: what a caller sees is what the bare client shows', (sdk) => {
  test.each([...ANTHROPIC_BODIES, ...ANTHROPIC_ERRORS])('$name', (one) => expectSame(sdk, one))
  test.skipIf(!hasRecordedAnswers)('there are recorded answers', () =>
    expect(ANTHROPIC_RECORDED.length).toBeGreaterThan(10),
  )
  // Byte by byte, the bare client goes over its long events anew with each of their bytes.
  test.each(ANTHROPIC_RECORDED)('$name', (one) => expectSame(sdk, one, [undefined]))
})
