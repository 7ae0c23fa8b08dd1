// What a file of this folder says of one client: where it is set up, what it is known to do, and the requests that it
// sends, step by step. A file is read strictly, so that a word that nobody reads is an error.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'

/** How a claim is known. Only what was run here may be said to do something. */
export const KINDS = ['run', 'recording', 'documentation'] as const

export const STEPS = ['connect', 'list', 'call', 'step-up', 'refresh', 'other'] as const

const text = z.string().min(1)
const texts = z.record(z.string(), z.string())

/** What the gateway must answer so that this client goes on. Members of `json` and `event` that are not named are free. */
const answer = z.strictObject({
  status: z.int(),
  /** Parameters of `WWW-Authenticate: Bearer`; an empty one must be absent. */
  challenge: texts.optional(),
  headers: texts.optional(),
  json: z.json().optional(),
  /** The last message of an event stream. */
  event: z.json().optional(),
  /** Parameters with which the browser comes back. */
  query: texts.optional(),
})

const exchange = z.strictObject({
  /** `POST {resource}`, or `browser {origin}/authorize`. */
  send: text,
  headers: texts.optional(),
  query: texts.optional(),
  json: z.json().optional(),
  form: texts.optional(),
  /** So often, at once. */
  times: z.int().min(2).optional(),
  gets: answer,
})

const step = z.strictObject({ step: z.enum(STEPS), exchanges: z.array(exchange).min(1) })

const flow = z.strictObject({ name: text, steps: z.array(step).min(1) })

const reaction = z.strictObject({
  /** Of what the answer is one. */
  to: z.enum(['call', 'refresh']),
  answer: text,
  /** What follows, as it was seen on the wire and at the client. */
  follows: text,
})

const client = z.strictObject({
  client: text,
  version: text,
  date: z.iso.date(),
  kind: z.enum(KINDS),
  source: text,
  /** Where a person types the URL. */
  setup: text.optional(),
  /** Where the scopes of its first sign-in come from. */
  scopes: text.optional(),
  /** What follows upon a 403 `insufficient_scope`. */
  forbidden: text.optional(),
  limits: z.array(z.strictObject({ what: text, helps: text })).default([]),
  reactions: z.array(reaction).default([]),
  /** Its metadata document; then it registers nowhere, and `{client_id}` is where the document stands. */
  document: z.record(z.string(), z.json()).optional(),
  flows: z.array(flow).default([]),
})

export type Client = z.infer<typeof client>
export type Flow = z.infer<typeof flow>
export type Exchange = z.infer<typeof exchange>
export type Expected = z.infer<typeof answer>
export type Reaction = z.infer<typeof reaction>
export type StepName = (typeof STEPS)[number]

export interface ClientFile {
  readonly file: string
  readonly client: Client
}

/** Every file of this folder, by name. Throws where one cannot be read. */
export function readCorpus(): readonly ClientFile[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const read = client.safeParse(parse(readFileSync(join(import.meta.dirname, file), 'utf8')))
      if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`)
      return { file, client: read.data }
    })
}
