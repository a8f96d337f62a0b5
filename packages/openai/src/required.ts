import { requirable } from '@holdfast/http'
import * as exported from './index.ts'

const required: typeof exported.OpenAI & typeof exported = requirable(exported.OpenAI, exported)

// What `require('@holdfast/openai')` answers: `new (require('@holdfast/openai'))()` is how much of CommonJS makes its client.
export { required as 'module.exports' }
