/** Microseconds of this process's CPU per operation of some work: what others do on the machine does not count. */
export async function cpuOf(operations: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / operations
}
