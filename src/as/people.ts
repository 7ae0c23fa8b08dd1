// What the protocol engine asks of the part that deals with people: who somebody is, what they may be given, and the
// pages they see. The engine knows no passwords and draws no page.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { Branding, ImageUrl, ToolDanger } from '../core/branding.ts'
import type { PartStatus } from '../core/route.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { OnEvent } from './events.ts'
import type { RefusedScopes } from './refused-scopes.ts'
import type { Store } from './store/store.ts'

/** A request for a page, with its body read (at most 64 KiB) and Host and scheme set from `public_url`. */
export interface PageRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Decoded, without the query. */
  readonly path: string
  readonly body: Buffer
  /** The address of the person, as far as the gateway can tell. */
  readonly address: string
  readonly branding: Branding
}

/** What is known of a server for people who are asked about it. */
export interface ServerDescription {
  readonly title?: string | undefined
  readonly icon?: ImageUrl | undefined
  /** Where there is no `icon`: the address of the picture that the server names for itself. No page shows it. */
  readonly iconUrl?: string | undefined
  /** What the tools that need a scope do at worst; of a scope that is not here, nothing is known. */
  readonly dangers: ReadonlyMap<string, ToolDanger>
}

/** Who vouches for what a client says of itself: nobody, the host of its metadata document, or whoever runs this. */
export type Vouched = 'nobody' | 'host' | 'operator'

export interface ClientDescription {
  /** What it calls itself. */
  readonly name: string | undefined
  readonly vouched: Vouched
  readonly icon: ImageUrl | undefined
}

/** What a client asks a person for, after the engine has made it whole. */
export interface AccessRequest {
  readonly clientId: string
  readonly redirectUri: string | undefined
  /** The resource of a route, exactly as in its metadata. */
  readonly resource: string
  /** Known scopes only; never empty unless the route has no baseline. */
  readonly scopes: readonly string[]
}

/** The engine as the pages see it. */
export interface Engine {
  readonly issuer: string
  readonly branding: Branding
  readonly store: Store
  /** True when cookies may and must carry `Secure` and `__Host-`. */
  readonly secure: boolean
  readonly onEvent: OnEvent
  /** What consent pages may offer. */
  readonly refusedScopes: RefusedScopes
  /** The one that serves now; another one after a key was rotated, so never keep it. */
  provider(): Provider
  /**
   * What a client calls itself now; undefined when it is not known, or its metadata document cannot be had. Whoever asks
   * now is counted for fetching it.
   */
  clientName(clientId: string): Promise<string | undefined>
  /** The same with its picture, where somebody vouches for it. */
  describeClient(clientId: string): Promise<ClientDescription>
  /** Returns every scope that the route of a resource names. */
  scopesOf(resource: string): readonly string[]
  /** @param resource the resource of a route, exactly as in its metadata */
  describeServer(resource: string): Promise<ServerDescription>
  /** Whether the client still has this redirect address: its document may have changed while a person read. */
  mayRedirect(request: Pick<AccessRequest, 'clientId' | 'redirectUri'>): Promise<boolean>
  /** Reads what an interaction asks for. */
  accessRequest(interaction: { readonly params: Readonly<Record<string, unknown>> }): AccessRequest
  /** What it may be for, where the client named no resource and its scopes do not tell; else empty. */
  choices(interaction: { readonly params: Readonly<Record<string, unknown>> }): readonly AccessRequest[]
  /** Makes the grant that an approval stands for; its id goes into `interactionFinished` as `consent.grantId`. */
  createGrant(approval: Omit<AccessRequest, 'redirectUri'> & { readonly accountId: string }): Promise<string>
}

/** A signed-in person, as tokens name them. */
export interface TokenAccount {
  readonly subject: string
  readonly name?: string
  readonly email?: string
  /** Epoch milliseconds: a sign-in from before counts no more. */
  readonly sessionsEndedAt?: number | undefined
}

/** Implemented by the pages; made by `createPeople(engine)`. */
export interface People {
  /** Paths of its own: `/interaction/…`, `/account`, `/sign-in/…`. */
  answers(path: string): boolean
  serve(page: PageRequest): Promise<void>
  /** Undefined when there is no such person any more: their tokens are then refused. */
  findAccount(subject: string): Promise<TokenAccount | undefined>
  /**
   * Whether the browser that sends this is signed in as that person: a session of the engine counts only then. Counts as use
   * of the browser.
   */
  isSignedIn(request: IncomingMessage, subject: string): Promise<boolean>
  /**
   * The person has ended their session of the engine: the browser that sends this is signed out, unless it is signed in as
   * somebody else. A Set-Cookie value, if there is one.
   */
  signOut(request: IncomingMessage, subject: string): Promise<string | undefined>
  /** Asked at each refresh: false when the provider that they signed in with has just said that it knows them no more. */
  isStillKnown(subject: string): Promise<boolean>
  /** What of these the person may be given (`grants:`). */
  allowedScopes(subject: string, scopes: readonly string[]): Promise<readonly string[]>
  /**
   * Whether the person may still sign in, and be given all of these: asked at each call with a token of theirs. A promise
   * only where the store has to be waited for.
   */
  mayHold(subject: string, scopes: readonly string[]): MaybeAsync<boolean>
  /** Whether the person agreed before to exactly this client, redirect host and these scopes, so that no page is needed. */
  hasConsented(subject: string, request: AccessRequest): Promise<boolean>
  /** Whether the person agreed to this client before, whatever it asked for, and was sent to this address. */
  hasMet(subject: string, clientId: string, redirectUri: string): Promise<boolean>
  /** Where a person goes to sign in or to agree: `/interaction/<uid>`. */
  interactionPath(uid: string): string
  /** The pages that the engine itself has to show. */
  readonly html: PeopleHtml
  /** What an operator should know of the outside providers. */
  probe(): Promise<readonly string[]>
  status(): readonly PartStatus[]
  close(): Promise<void>
}

/** A finished page; without its headers it is not safe to serve. */
export interface HtmlPage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A page in the language of whoever the response goes to. */
export type PageFor = (response: ServerResponse) => HtmlPage

export interface PeopleHtml {
  /** An error that cannot be told to the client, since its redirect address is not trusted. */
  error(error: { readonly error: string; readonly description: string | undefined }): PageFor
  /** Too many requests of this kind came from this address. */
  tooMany(): PageFor
  /**
   * Asks for the code that a device shows. `form` is markup of the engine with id `op.deviceInputForm`.
   * @param linked the code of the link that led here, for the person to compare; empty: none
   */
  deviceInput(form: string, problem: 'wrong' | 'aborted' | 'failed' | undefined, linked: string): PageFor
  /** Asks to confirm it. `form` has id `op.deviceConfirmForm`. */
  deviceConfirm(form: string, device: DeviceRequest): PageFor
  deviceDone(clientName: string | undefined): PageFor
  /** Asks to confirm signing out. `form` has id `op.logoutForm`. */
  signOut(form: string): PageFor
  signedOut(): PageFor
}

export interface DeviceRequest {
  readonly clientId: string
  readonly clientName: string | undefined
  readonly userCode: string
  /** Where the device asked from. */
  readonly address: string | undefined
  readonly scopes: readonly string[]
}
