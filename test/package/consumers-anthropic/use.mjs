import Anthropic, { AnthropicError } from '@holdfast/anthropic'
import { createLedger, memory, usd } from 'holdfast'
import { program } from './program.mjs'

await program({ Anthropic, AnthropicError, createLedger, memory, usd })
