import type { Loop } from './loop-detector.ts'

/** What the agent is told before it is stopped: for the end of a tool's message. */
export function adviceOn({ detector, count, tools }: Loop): string {
  const times = count === 1 ? 'once' : `${count} times`
  const [tool = ''] = tools
  switch (detector) {
    case 'repeats':
      return `Note: ${tool} was called ${times} in a row with the same arguments, and nothing changed. ${FOLLOWS}`
    case 'window':
      return `Note: ${tool} was called ${times} of late with the same arguments, and nothing changed. ${FOLLOWS}`
    case 'cycle':
      return `Note: the calls ${tools.join(', ')} went round ${times} with the same arguments, and nothing changed. ${FOLLOWS}`
    case 'stagnation':
      return `Note: ${tool} gave this same result ${times}, whatever it was asked. ${FOLLOWS}`
  }
}

const FOLLOWS =
  'Going on like that stops the run. Use what is known by now, try something else, or say that it cannot be done.'
