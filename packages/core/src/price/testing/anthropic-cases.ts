import type { Case } from './hand-computed.ts'

/** Claude, of Anthropic and on Bedrock. */
export const anthropicCases: readonly Case[] = [
  {
    model: 'claude-opus-5',
    arithmetic: '51 in × $5/M + 1,560 out × $25/M + 139 thinking × $25/M = $0.000255 + $0.039 + $0.003475 = $0.04273',
    usage: { input: 51, output: 1_560, reasoning: 139 },
  },
  {
    model: 'claude-opus-5',
    arithmetic: 'fast: 1,000 in × $10/M + 1,000 out × $50/M = $0.01 + $0.05 = $0.06',
    usage: { input: 1_000, output: 1_000 },
    tier: 'fast',
  },
  {
    model: 'claude-opus-4-7',
    arithmetic: 'fast: 1,000 in × $30/M + 1,000 out × $150/M = $0.03 + $0.15 = $0.18',
    usage: { input: 1_000, output: 1_000 },
    tier: 'fast',
  },
  {
    model: 'claude-opus-5-5',
    arithmetic:
      '20 in × $4/M + 3,000 read × $0.20/M + 500 for 5 min × $5/M + 1,000 for 1 h × $8/M + 90 out × $20/M = $0.00008 + $0.0006 + $0.0025 + $0.008 + $0.0018 = $0.01298',
    usage: { input: 20, cacheRead: 3_000, cacheWrite5m: 500, cacheWrite1h: 1_000, output: 90 },
  },
  {
    model: 'claude-opus-5-5',
    arithmetic: 'in the US: 1,000 in × $4.40/M + 100 out × $22/M = $0.0044 + $0.0022 = $0.0066',
    usage: { input: 1_000, output: 100 },
    region: 'us',
  },
  {
    model: 'claude-opus-4-5',
    arithmetic: '1,000 in × $5/M + 200 out × $25/M = $0.005 + $0.005 = $0.01',
    usage: { input: 1_000, output: 200 },
  },
  {
    model: 'claude-opus-4-1',
    arithmetic: '1,000 in × $15/M + 200 out × $75/M = $0.015 + $0.015 = $0.03',
    usage: { input: 1_000, output: 200 },
  },
  {
    model: 'claude-sonnet-5',
    arithmetic: '27,118 in × $2/M + 600 out × $10/M + 2 searches × $10/1,000 = $0.054236 + $0.006 + $0.02 = $0.080236',
    usage: { input: 27_118, output: 600, webSearches: 2 },
  },
  {
    model: 'claude-sonnet-4-5-20250929',
    arithmetic: 'up to 200,000: 200,000 in × $3/M + 1,000 out × $15/M = $0.6 + $0.015 = $0.615',
    usage: { input: 200_000, output: 1_000 },
  },
  {
    model: 'claude-sonnet-4-5',
    arithmetic:
      'above, with the cache: 1 in × $6/M + 200,000 read × $0.60/M + 1,000 out × $22.50/M = $0.000006 + $0.12 + $0.0225 = $0.142506',
    usage: { input: 1, cacheRead: 200_000, output: 1_000 },
  },
  {
    model: 'claude-sonnet-4-6',
    arithmetic: 'without a tier since March 2026: 300,000 in × $3/M + 1,000 out × $15/M = $0.9 + $0.015 = $0.915',
    usage: { input: 300_000, output: 1_000 },
  },
  {
    model: 'claude-haiku-4-5-20251001',
    arithmetic: '1,151 in × $1/M + 87 out × $5/M = $0.001151 + $0.000435 = $0.001586',
    usage: { input: 1_151, output: 87 },
  },
  {
    model: 'claude-haiku-4-5',
    arithmetic: 'batch: 1,000 in × $0.50/M + 1,000 out × $2.50/M = $0.0005 + $0.0025 = $0.003',
    usage: { input: 1_000, output: 1_000 },
    tier: 'batch',
  },
  {
    model: 'claude-fable-5',
    arithmetic: '18 in × $10/M + 5 out × $50/M = $0.00018 + $0.00025 = $0.00043',
    usage: { input: 18, output: 5 },
  },
  {
    model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    arithmetic:
      'Bedrock, a region: 1,000 in × $3.30/M + 100 for 1 h × 2 × $3.30/M + 100 out × $16.50/M = $0.0033 + $0.00066 + $0.00165 = $0.00561',
    usage: { input: 1_000, cacheWrite1h: 100, output: 100 },
    provider: 'amazon-bedrock',
  },
]
