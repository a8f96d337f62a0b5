// A model that says what a script says.
export type { Script, ScriptedAnswer, ScriptedCall, ScriptedRequest, ScriptedTurn } from './script.ts'
export { type ScriptedFetch, type ScriptedFetchOptions, scriptedFetch } from './scripted-fetch.ts'
