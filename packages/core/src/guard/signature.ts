import type { LoopSettings } from '../config/loop-options.ts'
import { sha256Hex } from '../util/hash.ts'
import { maskVolatile } from '../util/volatile-text.ts'
import type { Call } from './answered-call.ts'

/** Beyond this a text is told from others by its hash, which takes longer than all else that is done with it. */
const MAX_COMPARED = 2_048
/** Beyond this nobody outside gets to see it. */
const MAX_SHOWN = 256

/** A tool with its arguments as one text of bounded length, for comparing. `secret`: without holding them. */
export function signatureOf(
  call: { readonly tool: string; readonly args: string; readonly secret: boolean },
  { ignore, ignoreVolatile }: Pick<LoopSettings, 'ignore' | 'ignoreVolatile'>,
): string {
  const counting = ignore.size === 0 ? call.args : without(ignore, call.args)
  const text = ignoreVolatile ? maskVolatile(counting) : counting
  return `${call.tool}|${call.secret && text !== '' ? hashed(text) : shortened(text, MAX_COMPARED)}`
}

/** The same as it may be seen: shorter still. */
export function shownSignature({ tool, signature }: Pick<Call, 'tool' | 'signature'>): string {
  return `${tool}|${shortened(signature.slice(tool.length + 1), MAX_SHOWN)}`
}

/** A result as far as it takes to tell it from another: itself, unless it is long. */
export function resultOf(text: string): string {
  return shortened(text, MAX_COMPARED)
}

/** The canonical JSON of arguments without those of these names. */
function without(names: ReadonlySet<string>, args: string): string {
  if (!args.startsWith('{')) return args
  const all = JSON.parse(args) as Readonly<Record<string, unknown>>
  return JSON.stringify(Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name))))
}

/** Never a part of it, which would keep the whole in memory. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : hashed(text)
}

function hashed(text: string): string {
  return `#${sha256Hex(text)}`
}
