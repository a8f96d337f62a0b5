import { reach } from './crash-plan.ts'

// Loaded before anything of ours, so that the crash points find it when they are first imported.
const hooks = globalThis as { [key: symbol]: ((point: string) => void) | undefined }
hooks[Symbol.for('holdfast.crash.v1')] = reach
