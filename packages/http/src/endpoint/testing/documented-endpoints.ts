import { anthropic } from '../apis/anthropic.ts'
import { anthropicMessages } from '../apis/anthropic-messages.ts'
import { ANYWHERE } from '../apis/anywhere.ts'
import { azure } from '../apis/azure.ts'
import { bedrock } from '../apis/bedrock.ts'
import { google } from '../apis/google.ts'
import { ollama } from '../apis/ollama.ts'
import { openai } from '../apis/openai.ts'
import { openaiCompatible } from '../apis/openai-compatible.ts'
import { OTHERS } from '../apis/others.ts'
import type { EndpointRow, EndpointTable, Purpose } from '../endpoint-table.ts'

const TABLES: readonly (readonly [heading: string, ...EndpointTable[]])[] = [
  ['OpenAI and hosts that are compatible with it', openaiCompatible],
  ['Anthropic’s messages, wherever they are served', anthropicMessages],
  ['OpenAI and Azure alone', openai],
  ['Azure’s deployments', azure],
  ['Anthropic alone', anthropic],
  ['Google: Gemini and Vertex', google],
  ['Bedrock’s own API', bedrock],
  ['Ollama’s own API', ollama],
  ...Object.entries(OTHERS).map(([name, table]) => [`\`${name}\``, table] as const),
  ['On a host that nobody knows', ...ANYWHERE.map(({ table }) => table)],
]

/** What the page of endpoints says: a section for each API, a line for each endpoint. */
export function documentedEndpoints(): string {
  return TABLES.map(([heading, ...tables]) => {
    const lines = tables.flatMap(({ rows }) => rows.map(lineOf))
    return [`## ${heading}`, '', '| request | is |', '|---|---|', ...lines, ''].join('\n')
  }).join('\n')
}

function lineOf([method, path, purpose]: EndpointRow): string {
  return `| \`${method} ${path}\` | ${said(purpose)} |`
}

function said(purpose: Purpose): string {
  if (purpose.kind === 'free') return 'free'
  const shape = 'shape' in purpose ? `, ${purpose.shape}` : ''
  return `**${purpose.kind}**: \`${purpose.name}\`${shape}`
}
