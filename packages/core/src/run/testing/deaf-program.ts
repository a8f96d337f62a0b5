import { interruptSignal } from '../interrupt-signal.ts'

const [repeatMs = '0'] = process.argv.slice(2)

// A program that hears the first signal, does nothing about it, and never ends by itself.
const { signal } = interruptSignal({ repeatMs: Number(repeatMs) })
signal.addEventListener('abort', () => process.stdout.write('aborted\n'))
setInterval(() => undefined, 1_000)
process.stdout.write('started\n')
