import holdfast = require('@holdfast/anthropic')

const client = new holdfast.Anthropic({ apiKey: 'k' })

export async function ask(content: string): Promise<holdfast.Anthropic.Message> {
  return client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content }] })
}
