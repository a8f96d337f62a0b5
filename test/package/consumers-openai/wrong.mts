import OpenAI from '@holdfast/openai'

export const text: OpenAI.Chat.ChatCompletion = 'no completion'
export const client = new OpenAI({ leger: undefined })
