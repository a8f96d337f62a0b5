import type { Case } from './hand-computed.ts'

/** DeepSeek, whose prices change with the hour. */
export const deepseekCases: readonly Case[] = [
  {
    model: 'deepseek-v4-pro',
    arithmetic: 'at noon: 10,000 in × $0.66/M + 1,000 out × $1.98/M = $0.0066 + $0.00198 = $0.00858',
    usage: { input: 10_000, output: 1_000 },
  },
  {
    model: 'deepseek-v4-pro',
    arithmetic: 'before 4: 10,000 in × $1.32/M + 1,000 out × $3.96/M = $0.0132 + $0.00396 = $0.01716',
    usage: { input: 10_000, output: 1_000 },
    at: '2026-11-21T03:59:59.999Z',
  },
  {
    model: 'deepseek-v4-pro',
    arithmetic: 'at 4: 1,000 cached × $0.022/M = $0.000022',
    usage: { cacheRead: 1_000 },
    at: '2026-11-21T04:00:00Z',
  },
  {
    model: 'deepseek-v4-pro',
    arithmetic: 'at 6: 1,000 cached × $0.044/M = $0.000044',
    usage: { cacheRead: 1_000 },
    at: '2026-11-21T06:00:00Z',
  },
  {
    model: 'deepseek-chat',
    arithmetic:
      'before half past midnight: 1,000 in × $0.135/M + 1,000 out × $0.55/M = $0.000135 + $0.00055 = $0.000685',
    usage: { input: 1_000, output: 1_000 },
    at: '2026-11-21T00:29:59.999Z',
  },
  {
    model: 'deepseek-chat',
    arithmetic: 'from then on: 1,000 in × $0.27/M + 1,000 out × $1.10/M = $0.00027 + $0.0011 = $0.00137',
    usage: { input: 1_000, output: 1_000 },
    at: '2026-11-21T00:30:00Z',
  },
]

/** Everybody else; each names its provider. */
export const otherCases: readonly Case[] = [
  {
    model: 'grok-4.6',
    arithmetic: 'up to 199,999: 199,999 in × $2/M + 100 out × $6/M = $0.399998 + $0.0006 = $0.400598',
    usage: { input: 199_999, output: 100 },
    provider: 'xai.chat',
  },
  {
    model: 'grok-4.6',
    arithmetic: 'from 200,000: 200,000 in × $4/M + 100 out × $12/M = $0.8 + $0.0012 = $0.8012',
    usage: { input: 200_000, output: 100 },
    provider: 'xai.chat',
  },
  {
    model: 'mistral-large-2512',
    arithmetic:
      '1,000 in × $0.50/M + 100 cached × $0.05/M + 100 out × $1.50/M = $0.0005 + $0.000005 + $0.00015 = $0.000655',
    usage: { input: 1_000, cacheRead: 100, output: 100 },
    provider: 'mistral.chat',
  },
  {
    model: 'mistral-ocr-4-1',
    arithmetic: '12 pages × $4/1,000 = $0.048',
    usage: { documentPages: 12 },
    provider: 'mistral',
  },
  {
    model: 'llama-3.3-70b-versatile',
    arithmetic: '1,000 in × $0.59/M + 1,000 out × $0.79/M = $0.00059 + $0.00079 = $0.00138',
    usage: { input: 1_000, output: 1_000 },
    provider: 'groq.chat',
  },
  {
    model: 'whisper-large-v3',
    arithmetic: '3 s are billed as 10 × $0.111/3,600 s, rounded up to $30.833333334/M = $0.00030833333334',
    usage: { audioSeconds: 3 },
    provider: 'groq',
  },
  {
    model: 'sonar-pro',
    arithmetic: '33 in × $3/M + 700 out × $15/M + 1 request × $14/1,000 = $0.000099 + $0.0105 + $0.014 = $0.024599',
    usage: { input: 33, output: 700 },
    provider: 'perplexity',
  },
  {
    model: 'sonar-deep-research',
    arithmetic:
      '33 in × $2/M + 700 out × $8/M + 9,000 reasoning × $3/M + 2,000 citations × $2/M + 28 searches × $5/1,000 = $0.000066 + $0.0056 + $0.027 + $0.004 + $0.14 = $0.176666',
    usage: { input: 33, output: 700, reasoning: 9_000, citation: 2_000, webSearches: 28 },
    provider: 'perplexity',
  },
  {
    model: 'kimi-k3',
    arithmetic: '1,000 in × $3/M + 1,000 out × $15/M = $0.003 + $0.015 = $0.018',
    usage: { input: 1_000, output: 1_000 },
    provider: 'moonshotai',
  },
  { model: 'embed-v4.0', arithmetic: '1,000 in × $0.12/M = $0.00012', usage: { input: 1_000 }, provider: 'cohere' },
  { model: 'voyage-3.5', arithmetic: '1,000 in × $0.06/M = $0.00006', usage: { input: 1_000 }, provider: 'voyage' },
]
