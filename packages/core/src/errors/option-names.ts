import { ConfigError } from './config-error.ts'

/**
 * Refuses names that nothing reads: a misspelt option would otherwise be a promise that nobody keeps. `notYet` are
 * those of the design that this version does not have. Throws `ConfigError`.
 */
export function checkOptionNames(
  where: string,
  options: object,
  known: readonly string[],
  notYet: readonly string[] = [],
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    if (notYet.includes(name)) {
      throw new ConfigError(
        `${where}: '${name}' is not supported by this version; nothing would honour it. Nothing was started. Remove it.`,
      )
    }
    throw new ConfigError(
      `${where}: there is no option '${name}'. Nothing was started. The options are: ${known.join(', ')}.`,
    )
  }
}
