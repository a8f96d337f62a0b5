import { join } from 'node:path'

/** Where a process of the example finds the others, and its files. */
export interface AgentConfig {
  readonly stateDirectory: string
  readonly paymentsUrl: string
  readonly carrierUrl: string
  readonly openai: { readonly apiKey: string; readonly baseUrl: string | undefined; readonly model: string }
}

/** The files under the state directory, all of them kept for a look inside. */
export interface StateFiles {
  readonly ledger: string
  readonly shop: string
  readonly payments: string
  readonly shipments: string
  readonly outbox: string
  readonly model: string
}

/** The model that plays the agent when there is a key and nothing else is said. */
const OPENAI_MODEL = 'gpt-5-mini'

/** Reads what `agentEnvironment` wrote, in the process that it was written for. */
export function agentConfig(): AgentConfig {
  return {
    stateDirectory: required('ORDER_AGENT_STATE'),
    paymentsUrl: required('ORDER_AGENT_PAYMENTS_URL'),
    carrierUrl: required('ORDER_AGENT_CARRIER_URL'),
    openai: {
      apiKey: required('OPENAI_API_KEY'),
      baseUrl: process.env.OPENAI_BASE_URL,
      model: process.env.OPENAI_MODEL ?? OPENAI_MODEL,
    },
  }
}

/** The environment of an agent process. */
export function agentEnvironment(config: AgentConfig): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ORDER_AGENT_STATE: config.stateDirectory,
    ORDER_AGENT_PAYMENTS_URL: config.paymentsUrl,
    ORDER_AGENT_CARRIER_URL: config.carrierUrl,
    OPENAI_API_KEY: config.openai.apiKey,
    OPENAI_MODEL: config.openai.model,
    ...(config.openai.baseUrl === undefined ? {} : { OPENAI_BASE_URL: config.openai.baseUrl }),
  }
}

/** The real model, if its key is set: then the demo talks to OpenAI instead of to its own server. */
export function realModel(): AgentConfig['openai'] | undefined {
  const apiKey = process.env.OPENAI_API_KEY
  if (apiKey === undefined || apiKey === '') return undefined
  return { apiKey, baseUrl: process.env.OPENAI_BASE_URL, model: process.env.OPENAI_MODEL ?? OPENAI_MODEL }
}

/** The names of the files under a state directory. */
export function stateFiles(directory: string): StateFiles {
  return {
    ledger: join(directory, 'ledger.db'),
    shop: join(directory, 'shop.db'),
    payments: join(directory, 'payments.jsonl'),
    shipments: join(directory, 'shipments.jsonl'),
    outbox: join(directory, 'outbox.jsonl'),
    model: join(directory, 'model.jsonl'),
  }
}

/** The demo's own state: where `npm run demo` leaves its files. */
export const DEFAULT_STATE_DIRECTORY: string = join(import.meta.dirname, '..', '.holdfast')

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set. This process is started by the demo: run \`npm run demo\`.`)
  }
  return value
}
