const OpenAI = require('@holdfast/openai')
const { createLedger, memory, usd } = require('holdfast')
const { program } = require('./program.mjs')

const { OpenAIError } = OpenAI
program({ OpenAI, OpenAIError, createLedger, memory, usd })
