// The responses under way in a server that is somebody else's, so that they can be waited for and cut off. The server's
// own sockets and its other requests are left alone.
import type { ServerResponse } from 'node:http'

/** How long the last bytes may take to reach clients after the drain. */
const LAST_WORDS_MS = 1_000

export class OpenResponses {
  readonly #open = new Set<ServerResponse>()
  #onNone = () => {}

  add(response: ServerResponse): void {
    this.#open.add(response)
    response.once('close', () => {
      this.#open.delete(response)
      if (this.#open.size === 0) this.#onNone()
    })
  }

  /**
   * Waits for the open ones at most so long, then cuts off what is left. `onOver` is called a moment before that, so that
   * those who still wait can be told.
   */
  end(drainMs: number, onOver: () => void): Promise<void> {
    return new Promise((resolve) => {
      const destroy = () => {
        for (const response of this.#open) response.destroy()
      }
      let timer = setTimeout(() => {
        onOver()
        timer = setTimeout(destroy, LAST_WORDS_MS)
      }, drainMs)
      this.#onNone = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#open.size === 0) this.#onNone()
    })
  }
}
