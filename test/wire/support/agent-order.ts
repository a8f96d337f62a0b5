/** What the agent's process is told. */
export interface AgentOrder {
  readonly url: string
  readonly path: string
  readonly runId: string
  readonly leaseMs: number
}
