import { reach } from './crash-plan.ts'

// Loaded before anything of ours, so that the crash points find it when they are first imported.
const hooks = globalThis as { [key: symbol]: ((point: string) => void) | undefined }
hooks[Symbol.for('holdfast.crash.v1')] = reach

// Whoever started this is gone, as a test run that was interrupted: what goes on for ever would stay for ever.
process.once('disconnect', () => process.exit(1))
process.channel?.unref()
