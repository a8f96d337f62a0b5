import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../driver.ts'

// Holds the write lock of a file for so many milliseconds, as a backup or another program may.
const [path = '', ms = ''] = process.argv.slice(2)
const database = connect(path, 5_000)
database.exec('BEGIN IMMEDIATE')
process.stdout.write('locked\n')
await sleep(Number(ms))
database.exec('COMMIT')
database.close()
