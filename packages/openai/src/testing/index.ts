// A client whose model says what a script says.
export { type ScriptedOpenAI, type ScriptedOpenAIOptions, scriptedOpenAI } from './scripted-openai.ts'
