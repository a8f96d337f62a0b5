const Anthropic = require('@holdfast/anthropic')
const { createLedger, memory, usd } = require('holdfast')
const { program } = require('./program.mjs')

const { AnthropicError } = Anthropic
program({ Anthropic, AnthropicError, createLedger, memory, usd })
