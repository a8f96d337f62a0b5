import type { Case } from './hand-computed.ts'

/** Gemini. */
export const googleCases: readonly Case[] = [
  {
    model: 'gemini-2.5-pro',
    arithmetic: 'up to 200,000: 200,000 in × $1.25/M + 100 out × $10/M = $0.25 + $0.001 = $0.251',
    usage: { input: 200_000, output: 100 },
  },
  {
    model: 'gemini-2.5-pro',
    arithmetic: 'above: 200,001 in × $2.50/M + 100 out × $15/M = $0.5000025 + $0.0015 = $0.5015025',
    usage: { input: 200_001, output: 100 },
  },
  {
    model: 'gemini-2.5-flash',
    arithmetic:
      '20 in × $0.30/M + 1,000 audio × $1/M + 500 cached audio × $0.10/M + 100 out × $2.50/M = $0.000006 + $0.001 + $0.00005 + $0.00025 = $0.001306',
    usage: { input: 20, inputAudio: 1_000, cacheReadAudio: 500, output: 100 },
  },
  {
    model: 'gemini-2.5-flash-image',
    arithmetic: '10 in × $0.30/M + 1,290 image out × $30/M = $0.000003 + $0.0387 = $0.038703',
    usage: { input: 10, outputImage: 1_290 },
  },
  {
    model: 'gemini-3.1-pro-preview',
    arithmetic: '10,000 in × $2/M + 50 out × $12/M + 400 thoughts × $12/M = $0.02 + $0.0006 + $0.0048 = $0.0254',
    usage: { input: 10_000, output: 50, reasoning: 400 },
  },
  {
    model: 'gemini-3.1-pro-preview',
    arithmetic: 'priority: 10,000 in × $3.60/M + 50 out × $21.60/M = $0.036 + $0.00108 = $0.03708',
    usage: { input: 10_000, output: 50 },
    tier: 'ON_DEMAND_PRIORITY',
  },
  {
    model: 'gemini-3.5-flash',
    arithmetic:
      '430 in × $1.50/M + 600 cached × $0.15/M + 450 out × $9/M = $0.000645 + $0.00009 + $0.00405 = $0.004785',
    usage: { input: 430, cacheRead: 600, output: 50, reasoning: 400 },
  },
  {
    model: 'gemini-3.6-flash',
    arithmetic: 'in 2026: 1,000 in × $0.75/M + 1,000 out × $3.75/M = $0.00075 + $0.00375 = $0.0045',
    usage: { input: 1_000, output: 1_000 },
    at: '2026-12-31T23:59:59.999Z',
  },
  {
    model: 'gemini-3.6-flash',
    arithmetic: 'in 2027: 1,000 in × $1.50/M + 1,000 out × $7.50/M = $0.0015 + $0.0075 = $0.009',
    usage: { input: 1_000, output: 1_000 },
    at: '2027-01-01T00:00:00Z',
  },
]
