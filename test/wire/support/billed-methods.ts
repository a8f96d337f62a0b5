/**
 * The methods of the installed clients that send something that is billed, and those that send nothing when they are
 * called: what an update of a client brings is in neither list, and has to be looked at.
 */
export interface MethodTable {
  readonly billed: readonly string[]
  /** With why. */
  readonly silent: Readonly<Record<string, string>>
}

const OPENAI_BOTH = [
  'audio.speech.create',
  'audio.transcriptions.create',
  'audio.translations.create',
  'batches.create',
  'beta.chatkit.sessions.create',
  'beta.realtime.sessions.create',
  'beta.realtime.transcriptionSessions.create',
  'beta.responses.compact',
  'beta.responses.create',
  'beta.threads.createAndRun',
  'beta.threads.createAndRunPoll',
  'beta.threads.createAndRunStream',
  'beta.threads.runs.create',
  'beta.threads.runs.createAndPoll',
  'beta.threads.runs.createAndStream',
  'beta.threads.runs.stream',
  'beta.threads.runs.submitToolOutputs',
  'beta.threads.runs.submitToolOutputsAndPoll',
  'beta.threads.runs.submitToolOutputsStream',
  'chat.completions.create',
  'chat.completions.parse',
  'chat.completions.runTools',
  'chat.completions.stream',
  'completions.create',
  'containers.create',
  'embeddings.create',
  'evals.runs.create',
  'fineTuning.alpha.graders.run',
  'fineTuning.jobs.create',
  'fineTuning.jobs.resume',
  'images.createVariation',
  'images.edit',
  'images.generate',
  'realtime.calls.accept',
  'realtime.clientSecrets.create',
  'responses.compact',
  'responses.create',
  'responses.parse',
  'responses.stream',
  'vectorStores.create',
  'vectorStores.fileBatches.create',
  'vectorStores.fileBatches.createAndPoll',
  'vectorStores.fileBatches.uploadAndPoll',
  'vectorStores.files.create',
  'vectorStores.files.createAndPoll',
  'vectorStores.files.upload',
  'vectorStores.files.uploadAndPoll',
  'vectorStores.search',
  'vectorStores.update',
  'videos.create',
  'videos.createCharacter',
  'videos.edit',
  'videos.extend',
  'videos.remix',
]
const OPENAI_SEVEN = [
  'beta.agents.automations.create',
  'beta.agents.automations.invocations.create',
  'beta.agents.automations.resume',
  'beta.agents.automations.update',
  'beta.agents.environments.create',
  'beta.agents.sessions.create',
  'beta.agents.sessions.events.create',
  'decisions.create',
  'live.create',
  'live.sessions.accept',
  'live.sessions.fork',
  'realtime.calls.create',
  'realtime.translations.clientSecrets.create',
]
const ANTHROPIC_BOTH = [
  'beta.deployments.create',
  'beta.deployments.run',
  'beta.deployments.unpause',
  'beta.deployments.update',
  'beta.dreams.create',
  'beta.messages.batches.create',
  'beta.messages.create',
  'beta.messages.parse',
  'beta.messages.stream',
  'beta.messages.toolRunner',
  'beta.sessions.create',
  'beta.sessions.events.send',
  'messages.batches.create',
  'messages.create',
  'messages.parse',
  'messages.stream',
]
const ANTHROPIC_ZERO = ['completions.create']

const OPENAI_SILENT = {
  'fineTuning.checkpoints.permissions.delete': 'has no body, and wants its ids in one; it deletes',
  'webhooks.unwrap': 'reads what came',
  'webhooks.verifySignature': 'reads what came',
}
const ANTHROPIC_SILENT = {
  'beta.environments.work.poller': 'waits for work, and pays for none',
  'beta.environments.work.worker': 'does its work here, and sends it as sessions.events.send does',
  'beta.sessions.events.toolRunner': 'sends by sessions.events.send',
  'beta.webhooks.parseUnverified': 'reads what came',
  'beta.webhooks.unwrap': 'reads what came',
}

/** By the name of the SDK. */
export const METHODS: Readonly<Record<string, MethodTable>> = {
  'openai 7': {
    billed: [...OPENAI_BOTH, ...OPENAI_SEVEN],
    silent: {
      ...OPENAI_SILENT,
      'beta.agents.environments.files.prepare': 'sends a file when it is given one',
      'beta.agents.environments.files.upload': 'sends a file when it is given one',
      'beta.agents.sessions.artifacts.forResult': 'reads',
    },
  },
  'openai 6': { billed: OPENAI_BOTH, silent: OPENAI_SILENT },
  'Anthropic 1': {
    billed: ANTHROPIC_BOTH,
    silent: { ...ANTHROPIC_SILENT, 'beta.messages.thread': 'each of its turns is sent by messages.create' },
  },
  'Anthropic 0': { billed: [...ANTHROPIC_BOTH, ...ANTHROPIC_ZERO], silent: ANTHROPIC_SILENT },
}

/** What they cost is not documented: `unmetered` decides. */
export const UNDOCUMENTED: readonly string[] = ['contentProvenanceChecks.create', 'audio.voices.create']
