import { type Bench, measure } from './bench.ts'

/** Runs the benchmark that the command line names, in this process, and prints its line. */
async function main(name: string): Promise<void> {
  const { bench } = (await import(`../benches/${name}.ts`)) as { readonly bench: Bench }
  const line = await measure(name, bench)
  console.log(JSON.stringify(line))
  if (!line.holds) process.exitCode = 1
}

await main(process.argv[2] ?? '')
