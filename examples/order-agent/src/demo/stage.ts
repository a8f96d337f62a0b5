import { mkdirSync, rmSync } from 'node:fs'
import { createLedger, type Ledger, sqlite } from 'holdfast'
import { type AgentConfig, realModel, type StateFiles, stateFiles } from '../config.ts'
import { Evidence } from './evidence.ts'
import { Service } from './service.ts'

/** What the scenes play on: the services, what they leave behind, and a ledger of the demo's own to read with. */
export interface Stage {
  readonly config: AgentConfig
  readonly files: StateFiles
  readonly payments: Service
  /** The model that is played on this machine, whichever one the agents talk to. */
  readonly model: { readonly service: Service; readonly config: AgentConfig }
  readonly evidence: Evidence
  /** The same file as the agents', opened by another process. */
  readonly ledger: Ledger
  /** Only the local server says how often it was asked. */
  readonly modelIsLocal: boolean
  readonly close: () => Promise<void>
}

/** Wipes what the last demo left, and starts the services. */
export async function openStage(stateDirectory: string): Promise<Stage> {
  const files = stateFiles(stateDirectory)
  mkdirSync(stateDirectory, { recursive: true })
  wipe(files)
  const real = realModel()
  const [payments, carrier, model] = await Promise.all([
    Service.start('payment-service', files.payments),
    Service.start('carrier-service', files.shipments),
    Service.start('model-server', files.model),
  ])
  const local = { apiKey: 'local', baseUrl: model.url, model: 'scripted-1' }
  const config = { stateDirectory, paymentsUrl: payments.url, carrierUrl: carrier.url, openai: real ?? local }
  const ledger = createLedger({ store: sqlite(files.ledger) })
  return {
    config,
    files,
    payments: payments.service,
    model: { service: model.service, config: { ...config, openai: local } },
    evidence: new Evidence(files),
    ledger,
    modelIsLocal: real === undefined,
    close: async () => {
      for (const { service } of [payments, carrier, model]) service.stop()
      await ledger.close()
    },
  }
}

// Only the demo's own files: the directory may have been chosen by the user.
function wipe(files: StateFiles): void {
  for (const path of Object.values(files)) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  }
}
