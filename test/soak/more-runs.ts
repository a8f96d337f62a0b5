import { configureGlobal } from 'fast-check'

// For the soak: a property that names no number of its own is tried a hundred times as often as usual.
configureGlobal({ numRuns: 10_000 })
