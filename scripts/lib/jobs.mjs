import { show } from './step.mjs'
import { sayNoTestRan, testJob } from './test-job.mjs'

/** The jobs of `npm run`: what each needs, and what it does; `onUnprepared` is for when that is not to be had. */
export const jobs = {
  build: { needs: 'build', run: async () => 0 },
  demo: { needs: 'build', run: (args) => show('node', ['examples/order-agent/src/main.ts', ...args]) },
  bench: { needs: 'build', run: (args) => show('node', ['test/bench/run.ts', ...args]) },
  lint: { needs: 'install', run: () => show('biome', ['ci', '.']) },
  format: { needs: 'install', run: () => show('biome', ['check', '--write', '.']) },
  typecheck: { needs: 'build', run: () => show('tsc', ['-p', 'tsconfig.check.json']) },
  test: { needs: 'build', run: (args) => testJob(args), onUnprepared: sayNoTestRan },
  soak: {
    needs: 'build',
    run: (args) => testJob(args.length > 0 ? args : ['test/crash', 'packages/'], { HOLDFAST_SOAK: '1' }),
    onUnprepared: sayNoTestRan,
  },
}
