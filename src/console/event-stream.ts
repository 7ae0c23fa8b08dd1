// A page that is live: an answer of server-sent events that looks for news a few times a second, so that a thousand
// calls in a second are a few events. A page that reads slowly is told less often. The stream ends when its page is left,
// or its operator may not look any more.
import { createShares, shareOf } from '../core/shares.ts'
import type { AdminContext, AdminVisit } from '../http/admin-page.ts'

/** What a page is told. */
export interface News {
  /** One event, with its empty line; undefined while there is nothing new. */
  next(): Promise<string | undefined>
}

export type AnswerEvents = (context: AdminContext, visit: AdminVisit, news: News) => Response

/** Between two looks for news. */
const LOOK_MS = 300
/** After so long a line that says nothing, so that nobody on the way ends a quiet stream. */
const KEEP_ALIVE_MS = 15_000
/** Pages that are live, of all operators. */
const MAX_LIVE_PAGES = 64
/** The part of them that one operator may have. */
const SHARE = 0.25

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }

export function createEventAnswers(): AnswerEvents {
  const pages = createShares({ size: MAX_LIVE_PAGES, share: shareOf(MAX_LIVE_PAGES, SHARE) })
  return (context, visit, news) => {
    if (context.req.method === 'HEAD') return new Response(null, { headers: HEADERS }) // nobody would read a stream
    const leave = pages.enter(visit.operator.name)
    if (leave === undefined)
      return context.json({ error: 'too many live pages are open: close one' }, 429, { 'retry-after': '5' })
    return new Response(eventStream(news, visit, leave), { headers: HEADERS })
  }
}

/** An event as it is written. @param data becomes JSON, which has no line ends */
export function eventText(name: 'all' | 'new', data: Readonly<Record<string, string>>): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

type Controller = ReadableStreamDefaultController<Uint8Array>

function eventStream(
  news: News,
  visit: Pick<AdminVisit, 'isStillAllowed'>,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let timer: NodeJS.Timeout | undefined
  let isOpen = true
  let saidAt = performance.now()
  const end = () => {
    isOpen = false
    clearTimeout(timer)
    onEnd()
  }
  const look = async (controller: Controller): Promise<void> => {
    if (!(await visit.isStillAllowed())) {
      end()
      return controller.close()
    }
    const isTaken = (controller.desiredSize ?? 0) > 0
    const event = isTaken ? await news.next() : undefined
    if (!isOpen) return
    const isQuiet = isTaken && performance.now() - saidAt > KEEP_ALIVE_MS
    const text = event ?? (isQuiet ? ': quiet\n\n' : undefined)
    if (text !== undefined) {
      saidAt = performance.now()
      controller.enqueue(Buffer.from(text))
    }
    timer = setTimeout(lookOrFail, LOOK_MS, controller).unref()
  }
  const lookOrFail = (controller: Controller) =>
    void look(controller).catch((error: unknown) => {
      end()
      controller.error(error)
    })
  return new ReadableStream({ start: lookOrFail, cancel: end })
}
