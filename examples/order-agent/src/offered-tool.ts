import type { AnyTool } from 'holdfast'
import { zodFunction } from 'openai/helpers/zod'
import type { ChatCompletionFunctionTool } from 'openai/resources/chat/completions'
import type { z } from 'zod'

/** A tool of the ledger together with what a model is told about it. */
export interface OfferedTool {
  readonly name: string
  readonly shown: ChatCompletionFunctionTool
  /** Called, it checks the arguments, decides, and records. */
  readonly tool: AnyTool
}

/** Offers a tool to OpenAI's models, with the schema that also checks what they answer. */
export function offer(inputSchema: z.ZodObject, tool: AnyTool): OfferedTool {
  const description = tool.description ?? ''
  return {
    name: tool.toolName,
    shown: zodFunction({ name: tool.toolName, description, parameters: inputSchema }),
    tool,
  }
}
