import { ConfigError } from '../errors/config-error.ts'
import type { Tool } from '../tool/tool.ts'
import { executeSaga, type SagaOptions } from './execute-saga.ts'
import { makeStep, type Stage, type Step, type StepOptions } from './step.ts'

type Nothing = Record<never, never>
type Flat<Type> = { readonly [Name in keyof Type]: Type[Name] }
type With<Steps, Name extends string, Result, Optional extends boolean> = Flat<
  Steps & { readonly [Key in Name]: Optional extends true ? Result | undefined : Result }
>

/** The results so far, by the names of the steps; `failed` names the optional ones that have none. */
export type Done<Steps> = Flat<Steps> & { readonly failed: readonly (keyof Steps & string)[] }

/**
 * Steps that are done all or, in the end, not at all: when one fails, those that succeeded are undone, the last first.
 * Immutable: each call gives a new saga.
 */
export interface Saga<Input, Steps = Nothing> {
  readonly name: string
  /** Adds a step; `args` makes the tool's arguments when it starts. Throws `ConfigError` for one that cannot work. */
  step<const Name extends string, ToolInput, Result, Args, Optional extends boolean = false>(
    name: Name,
    tool: Tool<string, ToolInput, Result, Args>,
    args: (input: Input, done: Done<Steps>) => NoInfer<ToolInput>,
    options?: StepOptions<Optional>,
  ): Saga<Input, With<Steps, Name, Result, Optional>>
  /** Adds steps that start together, and that are undone together. */
  parallel<Members>(
    build: (group: SagaGroup<Input, Steps>) => SagaGroup<Input, Steps, Members>,
  ): Saga<Input, Flat<Steps & Members>>
  /**
   * Executes the steps as a run of their own, a child of the enclosing one. Throws what the first failed step threw, when
   * the steps before it are undone; `CompensationFailedError` if some could not be.
   */
  execute(input: Input, options?: SagaOptions): Promise<Flat<Steps>>
}

/** The members of a parallel group. Each sees what was done before the group. */
export interface SagaGroup<Input, Before, Members = Nothing> {
  step<const Name extends string, ToolInput, Result, Args, Optional extends boolean = false>(
    name: Name,
    tool: Tool<string, ToolInput, Result, Args>,
    args: (input: Input, done: Done<Before>) => NoInfer<ToolInput>,
    options?: StepOptions<Optional>,
  ): SagaGroup<Input, Before, With<Members, Name, Result, Optional>>
}

/**
 * Begins a saga.
 * @example
 * const checkout = saga<Order>('checkout')
 *   .parallel((group) => group
 *     .step('payment', pay, (order) => ({ orderId: order.id }))
 *     .step('stock', takeStock, (order) => ({ sku: order.sku })))
 *   .step('shipping', ship, (order, done) => ({ address: order.address, paidBy: done.payment.transaction }))
 * const { shipping } = await checkout.execute(order)
 */
export function saga<Input>(name: string): Saga<Input> {
  if (typeof name !== 'string' || name === '')
    throw new ConfigError('a saga needs a name: it is part of the id of each execution.')
  return new SagaBuilder(name, []) as Saga<Input>
}

type StepArguments = [name: string, tool: Tool<string, unknown, unknown, unknown>, args: unknown, options?: StepOptions]

class SagaBuilder {
  readonly name: string
  readonly #stages: readonly Stage[]

  constructor(name: string, stages: readonly Stage[]) {
    this.name = name
    this.#stages = stages
  }

  step(...[name, tool, args, options]: StepArguments): SagaBuilder {
    const step = makeStep(this.name, this.#steps(), name, tool, args as Step['args'], options)
    return this.#with({ steps: [step], group: null })
  }

  parallel(build: (group: GroupBuilder) => unknown): SagaBuilder {
    const built = build(new GroupBuilder(this.name, this.#steps(), []))
    if (!(built instanceof GroupBuilder))
      throw new ConfigError(
        `saga '${this.name}': a parallel group must be returned: (group) => group.step(…).step(…). Nothing was added.`,
      )
    if (built.members.length === 0)
      throw new ConfigError(`saga '${this.name}': a parallel group is empty. Give it steps, or leave it out.`)
    return this.#with({ steps: built.members, group: this.#stages.length + 1 })
  }

  execute(input: unknown, options?: SagaOptions): Promise<object> {
    return executeSaga(this.name, this.#stages, input, options)
  }

  #steps(): Step[] {
    return this.#stages.flatMap(({ steps }) => steps)
  }

  #with(stage: Stage): SagaBuilder {
    return new SagaBuilder(this.name, [...this.#stages, stage])
  }
}

class GroupBuilder {
  readonly members: readonly Step[]
  readonly #saga: string
  readonly #before: readonly Step[]

  constructor(saga: string, before: readonly Step[], members: readonly Step[]) {
    this.#saga = saga
    this.#before = before
    this.members = members
  }

  step(...[name, tool, args, options]: StepArguments): GroupBuilder {
    const taken = [...this.#before, ...this.members]
    const step = makeStep(this.#saga, taken, name, tool, args as Step['args'], options)
    return new GroupBuilder(this.#saga, this.#before, [...this.members, step])
  }

  /** Only to say why not: the type has no such member. */
  parallel(): never {
    throw new ConfigError(
      `saga '${this.#saga}': a parallel group cannot hold another. Put its steps into one group, or make a saga of them that a tool's body executes.`,
    )
  }
}
