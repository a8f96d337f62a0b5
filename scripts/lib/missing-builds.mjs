const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']
const libraries = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }
const otherNames = { windows: 'win32', 64: 'x64' }

/**
 * Finds what a lockfile leaves out and `npm ci` then misses: the builds of a package for other platforms that
 * the registry at hand does not have. Answers with entries for them, pinned as the package that wants them says.
 */
export function missingBuilds(packages) {
  const found = {}
  for (const [path, { optionalDependencies, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
      if (isResolved(packages, path, name)) continue
      found[`node_modules/${name}`] = { version, ...(dev && { dev }), optional: true, ...platformOf(name) }
    }
  }
  return found
}

/** Reads `linux-arm64-musl` and its like off the end of a package's name. */
export function platformOf(name) {
  const words = name.split(/[/-]/).map((word) => otherNames[word] ?? word)
  const os = words.find((word) => systems.includes(word))
  const cpu = words.find((word) => processors.includes(word))
  const libc = libraries[words.at(-1)]
  if (!os || !cpu) throw new Error(`${name} does not say which platform it is for`)
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) }
}

function isResolved(packages, path, name) {
  return `${path}/`
    .split('node_modules/')
    .map((_part, depth, parts) => parts.slice(0, depth + 1).join('node_modules/'))
    .some((folder) => `${folder}node_modules/${name}` in packages)
}
