import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { findMedia } from './media-parts.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'
const DATA_URL = `data:image/png;base64,${PNG}`
const bytes = new Uint8Array(Buffer.from(PNG, 'base64'))

/** What is found, in short. */
function found(message: unknown): string[] {
  return findMedia(message).map(({ part }) => `${part.path} ${part.source} ${part.kind} ${part.mediaType}`.trim())
}

function inContent(...content: unknown[]): unknown {
  return { role: 'user', content }
}

const shapes: [string, unknown, string[]][] = [
  [
    'OpenAI chat: data URL',
    inContent({ type: 'image_url', image_url: { url: DATA_URL } }),
    ['.content[0] inline image image/png'],
  ],
  [
    'OpenAI chat: URL',
    inContent({ type: 'image_url', image_url: { url: 'https://x.test/a' } }),
    ['.content[0] url image'],
  ],
  [
    'OpenAI chat: audio',
    inContent({ type: 'input_audio', input_audio: { data: PNG, format: 'WAV' } }),
    ['.content[0] inline audio audio/wav'],
  ],
  ['OpenAI chat: audio that was said before', { role: 'assistant', audio: { id: 'audio_1' } }, ['id audio']],
  [
    'OpenAI chat: file',
    inContent({ type: 'file', file: { file_data: `data:application/pdf;base64,${PNG}` } }),
    ['.content[0] inline file application/pdf'],
  ],
  ['OpenAI chat: file by id', inContent({ type: 'file', file: { file_id: 'file_1' } }), ['.content[0] id file']],
  [
    'Responses: data URL',
    inContent({ type: 'input_image', image_url: DATA_URL, detail: 'high' }),
    ['.content[0] inline image image/png'],
  ],
  ['Responses: image by id', inContent({ type: 'input_image', file_id: 'file_1' }), ['.content[0] id image']],
  [
    'Responses: file by URL',
    inContent({ type: 'input_file', file_url: 'https://x.test/a.pdf' }),
    ['.content[0] url file'],
  ],
  [
    'Responses: file',
    inContent({ type: 'input_file', filename: 'a.pdf', file_data: PNG }),
    ['.content[0] inline file'],
  ],
  [
    'Responses: screenshot',
    { type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: DATA_URL } },
    ['.output inline image image/png'],
  ],
  [
    'Responses: what a tool shows',
    { type: 'function_call_output', output: [{ type: 'input_image', image_url: DATA_URL }] },
    ['.output[0] inline image image/png'],
  ],
  ['Responses: an image made before', { type: 'image_generation_call', id: 'ig_1', result: PNG }, ['inline image']],
  [
    'Anthropic: image',
    inContent({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }),
    ['.content[0] inline image image/png'],
  ],
  [
    'Anthropic: image by URL',
    inContent({ type: 'image', source: { type: 'url', url: 'https://x.test/a' } }),
    ['.content[0] url image'],
  ],
  [
    'Anthropic: document by id',
    inContent({ type: 'document', source: { type: 'file', file_id: 'file_1' } }),
    ['.content[0] id file'],
  ],
  ['Anthropic: upload', inContent({ type: 'container_upload', file_id: 'file_1' }), ['.content[0] id file']],
  [
    'Anthropic: what a tool shows',
    inContent({
      type: 'tool_result',
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }],
    }),
    ['.content[0].content[0] inline image image/png'],
  ],
  [
    'Anthropic: image within a document',
    inContent({
      type: 'document',
      source: {
        type: 'content',
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }],
      },
    }),
    ['.content[0].source.content[0] inline image image/png'],
  ],
  [
    'Gemini: bytes',
    { parts: [{ inlineData: { mimeType: 'video/mp4', data: PNG } }] },
    ['.parts[0] inline video video/mp4'],
  ],
  [
    'Gemini: bytes, as REST spells it',
    { parts: [{ inline_data: { mime_type: 'audio/mp3', data: PNG } }] },
    ['.parts[0] inline audio audio/mp3'],
  ],
  [
    'Gemini: URI',
    { parts: [{ fileData: { mimeType: 'video/mp4', fileUri: 'https://youtu.be/x' } }] },
    ['.parts[0] url video video/mp4'],
  ],
  [
    'Gemini: URI of a file that it keeps',
    { parts: [{ file_data: { file_uri: 'files/abc' } }] },
    ['.parts[0] url file'],
  ],
  [
    'Gemini: what a tool shows',
    { parts: [{ functionResponse: { name: 'f', parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }] } }] },
    ['.parts[0].functionResponse.parts[0] inline image image/png'],
  ],
  [
    'Ollama',
    { role: 'user', content: 'Look', images: [PNG, bytes] },
    ['.images[0] inline image', '.images[1] inline image'],
  ],
  [
    'AI SDK: base64',
    inContent({ type: 'file', mediaType: 'image/png', data: PNG }),
    ['.content[0] inline image image/png'],
  ],
  [
    'AI SDK: bytes',
    inContent({ type: 'file', mediaType: 'application/pdf', data: bytes }),
    ['.content[0] inline file application/pdf'],
  ],
  [
    'AI SDK: URL',
    inContent({ type: 'file', mediaType: 'image/*', data: new URL('https://x.test/a') }),
    ['.content[0] url image image/*'],
  ],
  [
    'AI SDK 7: bytes',
    inContent({ type: 'file', mediaType: 'image', data: { type: 'data', data: bytes } }),
    ['.content[0] inline image image'],
  ],
  [
    'AI SDK 7: reference',
    inContent({ type: 'file', mediaType: 'image', data: { type: 'reference', reference: { openai: 'file_1' } } }),
    ['.content[0] id image image'],
  ],
  [
    'AI SDK: what a tool shows',
    inContent({
      type: 'tool-result',
      output: { type: 'content', value: [{ type: 'image-data', data: PNG, mediaType: 'image/png' }] },
    }),
    ['.content[0].output.value[0] inline image image/png'],
  ],
  [
    'AI SDK: what a tool shows, by id',
    inContent({
      type: 'tool-result',
      output: { type: 'content', value: [{ type: 'file-id', fileId: { openai: 'file_1' } }] },
    }),
    ['.content[0].output.value[0] id file'],
  ],
  ['LangChain', inContent({ type: 'audio', mimeType: 'audio/wav', data: PNG }), ['.content[0] inline audio audio/wav']],
  [
    'OpenRouter: video',
    inContent({ type: 'video_url', video_url: { url: 'https://x.test/v' } }),
    ['.content[0] url video'],
  ],
  ['what nobody knows yet', inContent({ type: 'hologram', url: 'https://x.test/h' }), ['.content[0] url file']],
]

const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }
const texts: [string, unknown][] = [
  ['text', inContent({ type: 'text', text: DATA_URL })],
  ['a text that stands alone', { role: 'user', content: DATA_URL }],
  [
    'a document that is text',
    inContent({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: PNG } }),
  ],
  [
    'words that are no base64',
    inContent({ type: 'image', source: { type: 'base64', data: 'not base64, but text that is read' } }),
  ],
  ['a data URL that is text', inContent({ type: 'image_url', image_url: { url: 'data:text/plain,read me' } })],
  ['the arguments of a tool', inContent({ type: 'tool_use', name: 'draw', input: { content: [image] } })],
  [
    'the arguments of a function',
    { parts: [{ functionCall: { name: 'draw', args: { parts: [{ inlineData: { data: PNG } }] } } }] },
  ],
  [
    'what a function answers in JSON',
    { parts: [{ functionResponse: { response: { parts: [{ inlineData: { data: PNG } }] } } }] },
  ],
  ['what a tool answers in JSON', inContent({ type: 'tool-result', output: { type: 'json', value: [image] } })],
  [
    'where a quoted text is from',
    inContent({ type: 'web_search_tool_result', content: [{ type: 'web_search_result', url: 'https://x.test' }] }),
  ],
  ['a thought that is kept secret', inContent({ type: 'redacted_thinking', data: PNG })],
]

describe('findMedia', () => {
  test.each(shapes)('finds %s', (_, message, expected) => {
    expect(found(message)).toEqual(expected)
  })

  test.each(texts)('takes %s for text', (_, message) => {
    expect(found(message)).toEqual([])
  })

  test('tells how much text a medium takes, and how many bytes it has', () => {
    const [inline, raw] = findMedia({ images: [DATA_URL, bytes] })
    expect(inline?.part).toMatchObject({ letters: DATA_URL.length, bytes: bytes.byteLength })
    expect(raw?.part).toMatchObject({ letters: 0, bytes: bytes.byteLength })
  })

  test('does not follow what contains itself', () => {
    const message: { content: unknown[] } = { content: [] }
    message.content.push(message)
    expect(found(message)).toEqual([])
  })
})
