import { memory, type Store, type StoreSource, StoreUnavailableError } from 'holdfast'

/** A store in memory whose commits of effects fail as long as `fails` says so, as a full disk would make them. */
export function failingStore(fails: () => boolean): StoreSource {
  const source = memory()
  return { ...source, open: (settings) => withFailingCommits(source.open(settings), fails) }
}

function withFailingCommits(store: Store, fails: () => boolean): Store {
  const commitEffect: Store['commitEffect'] = (commit) =>
    fails() ? Promise.reject(outage()) : store.commitEffect(commit)
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commitEffect') return commitEffect
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function outage(): StoreUnavailableError {
  return new StoreUnavailableError({ operation: 'commitEffect', retries: 0, reason: 'full', location: ':memory:' })
}
