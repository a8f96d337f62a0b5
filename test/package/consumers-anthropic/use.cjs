const { Anthropic, AnthropicError } = require('@holdfast/anthropic')
const { createLedger, memory, usd } = require('holdfast')
const { program } = require('./program.mjs')

program({ Anthropic, AnthropicError, createLedger, memory, usd })
