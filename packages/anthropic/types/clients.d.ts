// The classes of src/clients.ts as their users see them: only an alias keeps what is merged into them, `Anthropic.Messages…`.
import type { ClientGuardOptions } from '@holdfast/anthropic'
import type { Run } from 'holdfast'

declare module '@anthropic-ai/sdk/client' {
  interface ClientOptions extends ClientGuardOptions {}

  interface BaseAnthropic {
    /** The same client for a run that is named: where the async context is lost. Only on guarded clients. */
    withRun(run: Run): this
  }
}

export { Anthropic, BaseAnthropic } from '@anthropic-ai/sdk'
