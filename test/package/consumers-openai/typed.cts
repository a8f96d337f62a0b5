import holdfast = require('@holdfast/openai')

const client = new holdfast.OpenAI({ apiKey: 'k' })

export async function ask(input: string): Promise<holdfast.OpenAI.Responses.Response> {
  return client.responses.create({ model: 'gpt-5', input })
}
