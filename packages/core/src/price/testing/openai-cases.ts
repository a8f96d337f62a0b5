import type { Case } from './hand-computed.ts'

/** Text models of OpenAI. */
export const openaiCases: readonly Case[] = [
  {
    model: 'gpt-4o',
    arithmetic: '1,000 in × $2.50/M + 500 out × $10/M = $0.0025 + $0.005 = $0.0075',
    usage: { input: 1_000, output: 500 },
  },
  {
    model: 'gpt-4o-2024-11-20',
    arithmetic: '1,000 in × $2.50/M + 4,000 cached × $1.25/M + 10 out × $10/M = $0.0025 + $0.005 + $0.0001 = $0.0076',
    usage: { input: 1_000, cacheRead: 4_000, output: 10 },
  },
  {
    model: 'gpt-4o',
    arithmetic: 'priority: 1,000 in × $4.25/M + 100 out × $17/M = $0.00425 + $0.0017 = $0.00595',
    usage: { input: 1_000, output: 100 },
    tier: 'priority',
  },
  { model: 'gpt-4o-mini', arithmetic: '1 in × $0.15/M = $0.00000015', usage: { input: 1 } },
  {
    model: 'gpt-4o-mini',
    arithmetic: '7 cached × $0.075/M + 3 out × $0.60/M = $0.000000525 + $0.0000018 = $0.000002325',
    usage: { cacheRead: 7, output: 3 },
  },
  {
    model: 'gpt-4o-mini',
    arithmetic: 'priority: 1,000 in × $0.25/M + 1,000 out × $1/M = $0.00025 + $0.001 = $0.00125',
    usage: { input: 1_000, output: 1_000 },
    tier: 'priority',
  },
  {
    model: 'gpt-4.1',
    arithmetic: '20,000 in × $2/M + 1,000 out × $8/M + 2 searches × $10/1,000 = $0.04 + $0.008 + $0.02 = $0.068',
    usage: { input: 20_000, output: 1_000, webSearches: 2 },
  },
  {
    model: 'gpt-4.1',
    arithmetic: '100 in × $2/M + 3 file searches × $2.50/1,000 = $0.0002 + $0.0075 = $0.0077',
    usage: { input: 100, fileSearches: 3 },
  },
  {
    model: 'gpt-4.1',
    arithmetic: 'fast: 100 in × $3.50/M + 2 searches × $10/1,000, which have no tier = $0.00035 + $0.02 = $0.02035',
    usage: { input: 100, webSearches: 2 },
    tier: 'fast',
  },
  {
    model: 'o3',
    arithmetic: 'until 10 June 2025: 1,000 in × $10/M + 1,000 out × $40/M = $0.01 + $0.04 = $0.05',
    usage: { input: 1_000, output: 1_000 },
    at: '2025-06-09T23:59:59.999Z',
  },
  {
    model: 'o3',
    arithmetic: 'from 10 June 2025: 1,000 in × $2/M + 1,000 out × $8/M = $0.002 + $0.008 = $0.01',
    usage: { input: 1_000, output: 1_000 },
    at: '2025-06-10T00:00:00Z',
  },
  {
    model: 'o4-mini',
    arithmetic: 'priority: 1,000 in × $2/M + 1,000 out × $8/M = $0.002 + $0.008 = $0.01',
    usage: { input: 1_000, output: 1_000 },
    tier: 'priority',
  },
  {
    model: 'gpt-5',
    arithmetic:
      '900 in × $1.25/M + 100 cached × $0.125/M + 44 out × $10/M + 256 reasoning × $10/M = $0.001125 + $0.0000125 + $0.00044 + $0.00256 = $0.0041375',
    usage: { input: 900, cacheRead: 100, output: 44, reasoning: 256 },
  },
  {
    model: 'gpt-5-mini-2025-08-07',
    arithmetic:
      '1,140 in × $0.25/M + 2,560 cached × $0.025/M + 741 out × $2/M + 1 file search × $2.50/1,000 = $0.000285 + $0.000064 + $0.001482 + $0.0025 = $0.004331',
    usage: { input: 1_140, cacheRead: 2_560, output: 101, reasoning: 640, fileSearches: 1 },
  },
  {
    model: 'gpt-5.4',
    arithmetic: 'up to 271,999: 271,999 in × $2.50/M + 1,000 out × $15/M = $0.6799975 + $0.015 = $0.6949975',
    usage: { input: 271_999, output: 1_000 },
  },
  {
    model: 'gpt-5.4',
    arithmetic: 'from 272,000: 272,000 in × $5/M + 1,000 out × $22.50/M = $1.36 + $0.0225 = $1.3825',
    usage: { input: 272_000, output: 1_000 },
  },
  {
    model: 'gpt-5.4',
    arithmetic:
      'the cached ones count as well: 2,000 in × $5/M + 270,000 cached × $0.50/M + 1,000 out × $22.50/M = $0.01 + $0.135 + $0.0225 = $0.1675',
    usage: { input: 2_000, cacheRead: 270_000, output: 1_000 },
  },
  {
    model: 'gpt-5.4',
    arithmetic: 'flex: 1,000 cached × $0.13/M + 1,000 out × $7.50/M = $0.00013 + $0.0075 = $0.00763',
    usage: { cacheRead: 1_000, output: 1_000 },
    tier: 'flex',
  },
  {
    model: 'gpt-5.5',
    arithmetic: '1,000 in × $5/M + 500 out × $30/M = $0.005 + $0.015 = $0.02',
    usage: { input: 1_000, output: 500 },
  },
  {
    model: 'gpt-5.5',
    arithmetic: 'fast: 1,000 in × $12.50/M + 500 out × $75/M = $0.0125 + $0.0375 = $0.05',
    usage: { input: 1_000, output: 500 },
    tier: 'fast',
  },
  {
    model: 'gpt-5.6-sol',
    arithmetic:
      '1,000 in × $4/M + 2,000 written × $5/M + 3,000 cached × $0.40/M + 400 out × $20/M = $0.004 + $0.01 + $0.0012 + $0.008 = $0.0232',
    usage: { input: 1_000, cacheWrite5m: 2_000, cacheRead: 3_000, output: 400 },
  },
  {
    model: 'gpt-5.6-sol',
    arithmetic: 'until 21 August 2026: 1,000 in × $5/M + 500 out × $30/M = $0.005 + $0.015 = $0.02',
    usage: { input: 1_000, output: 500 },
    at: '2026-08-20T23:59:59.999Z',
  },
  {
    model: 'gpt-5.6-sol',
    arithmetic: 'fast, 1,000 in × $8/M + 100 out × $40/M = $0.008 + $0.004 = $0.012',
    usage: { input: 1_000, output: 100 },
    tier: 'fast',
  },
  {
    model: 'gpt-5.6-luna',
    arithmetic: '10,000 in × $0.20/M + 1,000 out × $1.20/M = $0.002 + $0.0012 = $0.0032',
    usage: { input: 10_000, output: 1_000 },
  },
  {
    model: 'gpt-5.6-luna',
    arithmetic: 'flex: 10,000 in × $0.10/M + 1,000 out × $0.60/M = $0.001 + $0.0006 = $0.0016',
    usage: { input: 10_000, output: 1_000 },
    tier: 'flex',
  },
  {
    model: 'gpt-6-sol',
    arithmetic: 'up to 272,000: 272,000 in × $2/M + 1 out × $10/M = $0.544 + $0.00001 = $0.54401',
    usage: { input: 272_000, output: 1 },
  },
  {
    model: 'gpt-6-sol',
    arithmetic: 'from 272,001: 272,001 in × $4/M + 1 out × $15/M = $1.088004 + $0.000015 = $1.088019',
    usage: { input: 272_001, output: 1 },
  },
  {
    model: 'gpt-6-astra',
    arithmetic: '10,000 in × $10/M + 2,000 out × $50/M = $0.1 + $0.1 = $0.2',
    usage: { input: 10_000, output: 2_000 },
  },
  {
    model: 'gpt-6-astra',
    arithmetic: 'ultrafast: 10,000 in × $60/M + 2,000 out × $300/M = $0.6 + $0.6 = $1.2',
    usage: { input: 10_000, output: 2_000 },
    tier: 'ultrafast',
  },
  {
    model: 'gpt-6-luna',
    arithmetic: '1,234 in × $0.10/M + 567 out × $0.50/M = $0.0001234 + $0.0002835 = $0.0004069',
    usage: { input: 1_234, output: 567 },
  },
]

/** Its models of audio, images and vectors. */
export const openaiMediaCases: readonly Case[] = [
  {
    model: 'gpt-realtime-2',
    arithmetic:
      '70 in × $4/M + 10 cached × $0.40/M + 30 audio × $32/M + 90 cached audio × $0.40/M + 20 out × $24/M + 40 audio out × $64/M = $0.00028 + $0.000004 + $0.00096 + $0.000036 + $0.00048 + $0.00256 = $0.00432',
    usage: { input: 70, cacheRead: 10, inputAudio: 30, cacheReadAudio: 90, output: 20, outputAudio: 40 },
  },
  {
    model: 'gpt-4o-transcribe',
    arithmetic: '2 in × $2.50/M + 1,200 audio × $6/M + 90 out × $10/M = $0.000005 + $0.0072 + $0.0009 = $0.008105',
    usage: { input: 2, inputAudio: 1_200, output: 90 },
  },
  { model: 'whisper-1', arithmetic: '90 s × $0.36/3,600 s = 90 × $0.0001 = $0.009', usage: { audioSeconds: 90 } },
  {
    model: 'gpt-image-1.5',
    arithmetic: '50 in × $5/M + 1,000 image × $8/M + 4,160 image out × $32/M = $0.00025 + $0.008 + $0.13312 = $0.14137',
    usage: { input: 50, inputImage: 1_000, outputImage: 4_160 },
  },
  {
    model: 'gpt-image-2',
    arithmetic: '50 in × $5/M + 4,160 image out × $30/M = $0.00025 + $0.1248 = $0.12505',
    usage: { input: 50, outputImage: 4_160 },
  },
  { model: 'text-embedding-3-small', arithmetic: '8,000 in × $0.02/M = $0.00016', usage: { input: 8_000 } },
  { model: 'text-embedding-3-large', arithmetic: '12 in × $0.13/M = $0.00000156', usage: { input: 12 } },
]
