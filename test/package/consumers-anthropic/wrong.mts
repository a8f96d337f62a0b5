import Anthropic from '@holdfast/anthropic'

export const text: Anthropic.Message = 'no message'
export const client = new Anthropic({ leger: undefined })
