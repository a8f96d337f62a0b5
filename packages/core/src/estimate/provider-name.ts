/** The provider alone: adapters add the API behind a dot (`openai.chat`, `google.vertex`). */
export function providerName(provider: string): string {
  const [name = ''] = provider.toLowerCase().split('.')
  return name
}
