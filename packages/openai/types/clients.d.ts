// The classes of src/clients.ts as their users see them: only an alias keeps what is merged into them, `OpenAI.Chat.…`.
import type { ClientGuardOptions } from '@holdfast/openai'
import type { Run } from 'holdfast'

declare module 'openai/client' {
  interface ClientOptions extends ClientGuardOptions {}

  interface OpenAI {
    /** The same client for a run that is named: where the async context is lost. Only on guarded clients. */
    withRun(run: Run): this
  }
}

export { AzureOpenAI, BedrockOpenAI, OpenAI } from 'openai'
