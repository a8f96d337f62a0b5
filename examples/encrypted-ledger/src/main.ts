import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aesGcm, createLedger, type Ledger, sqlite, tool } from 'holdfast'

const ACCOUNT = 'DE02120300000000202051'
const collect = tool({
  name: 'collect-payment',
  execute: ({ account }: { account: string }) => {
    console.log('  collecting')
    return `collected from ${account}`
  },
})
const pay = (ledger: Ledger, id: string) => ledger.run({ id, input: ACCOUNT }, () => collect({ account: ACCOUNT }))

/** Looks for the account's text in the database and its write-ahead log. */
function search(folder: string): string {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'))
  return texts.some((text) => text.includes(ACCOUNT)) ? 'found' : 'not found'
}

// In earnest a key comes from where secrets are kept: `openssl rand -hex 32` makes one.
const oldKey = aesGcm({ id: 'key-2025', key: randomBytes(32) })
const newKey = aesGcm({ id: 'key-2026', key: randomBytes(32) })
const [plain, secret] = [mkdtempSync(join(tmpdir(), 'plain-')), mkdtempSync(join(tmpdir(), 'secret-'))]
const store = sqlite(join(secret, 'ledger.db'))

const open = createLedger({ store: sqlite(join(plain, 'ledger.db')) })
const sealed = createLedger({ store, codec: oldKey })
await pay(open, 'order-1')
await pay(sealed, 'order-1')
console.log(`the account in the files: ${search(plain)} without a codec, ${search(secret)} with one`)

// The first of the list writes, all of them read.
const rotated = createLedger({ store, codec: [newKey, oldKey] })
console.log(`both keys, order-1: ${await pay(rotated, 'order-1')}`)
console.log(`both keys, order-2: ${await pay(rotated, 'order-2')}`)

// The old key is thrown away. What it wrote is refused, not done again.
const later = createLedger({ store, codec: newKey })
console.log(`new key, order-2: ${await pay(later, 'order-2')}`)
console.log(`new key, order-1: ${await pay(later, 'order-1').catch(String)}`)

for (const ledger of [open, sealed, rotated, later]) await ledger.close()
for (const folder of [plain, secret]) rmSync(folder, { recursive: true })
