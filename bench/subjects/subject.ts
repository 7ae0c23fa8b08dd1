// What is measured: a proxy in one process, in front of the same upstream.
import type { Program } from '../program.ts'
import type { Scene } from '../scene.ts'

export interface Subject {
  readonly name: string
  readonly url: string
  readonly program: Program
  /** Whether it must refuse a token that nobody trusts. */
  readonly checksTokens: boolean
}

/** Starts the subject in front of the upstream on `upstreamPort` of 127.0.0.1. */
export type StartSubject = (scene: Scene, upstreamPort: number) => Promise<Subject>
