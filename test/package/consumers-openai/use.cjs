const { OpenAI, OpenAIError } = require('@holdfast/openai')
const { createLedger, memory, usd } = require('holdfast')
const { program } = require('./program.mjs')

program({ OpenAI, OpenAIError, createLedger, memory, usd })
