import { keyDigest } from '../util/key-digest.ts'

export { downstreamKey, formatEffectKey, laneOfBody, parseEffectKey } from '../util/effect-key-text.ts'

/** What, besides owner and tool, says "the same effect"; `json` is canonical. */
export interface KeyPart {
  kind: 'custom' | 'resource' | 'keys' | 'args'
  json: string
}

export interface EffectKeyParts {
  /** The run, thread or ledger in which the effect happens once. */
  owner: string
  tool: string
  part: KeyPart
  /** Of a repeatable tool: the how-manieth call with this key in its lane, and the works around that. */
  ordinal?: string
}

const CHILD_CHARACTERS = 10

/** The idempotency key: SHA-256 over parts that no other parts encode to. */
export function effectKey({ owner, tool, part, ordinal }: EffectKeyParts): Buffer {
  return keyDigest('effect', owner, tool, part.kind, part.json, ordinal ?? '')
}

/** The id of a child run that was given none: the same for the same child of a resumed parent. */
export function childRunId(parentId: string, lane: string, name: string, inputJson: string, ordinal: number): string {
  const hash = keyDigest('child', parentId, lane, name, inputJson, String(ordinal)).toString('base64url')
  return `${parentId}/${name}-${hash.slice(0, CHILD_CHARACTERS)}`
}
