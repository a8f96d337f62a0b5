import OpenAI, { OpenAIError } from '@holdfast/openai'
import { createLedger, memory, usd } from 'holdfast'
import { program } from './program.mjs'

await program({ OpenAI, OpenAIError, createLedger, memory, usd })
