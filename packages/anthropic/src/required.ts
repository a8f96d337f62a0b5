import { requirable } from '@holdfast/http'
import * as exported from './index.ts'

const required: typeof exported.Anthropic & typeof exported = requirable(exported.Anthropic, exported)

// What `require('@holdfast/anthropic')` answers: `new (require('@holdfast/anthropic'))()` is how much of CommonJS makes its client.
export { required as 'module.exports' }
