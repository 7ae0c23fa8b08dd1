// The one script of the console: it makes the table of calls live, and filters it as one types. Rows come from our own
// event stream, in which everything that somebody else chose is escaped. Without it every page works, and is not live.

export const SCRIPT = `'use strict'
const view = document.querySelector('[data-view]')
if (view !== null) {
  let events
  addEventListener('pageshow', () => {
    events?.close()
    events = new EventSource(view.dataset.view)
    events.addEventListener('all', ({ data }) => {
      if (!view.contains(document.activeElement)) view.innerHTML = JSON.parse(data).view
    })
  })
  addEventListener('pagehide', () => events?.close())
}
const form = document.querySelector('form[data-events]')
if (form !== null) {
  const part = (name) => document.querySelector('[data-' + name + ']')
  const [rows, tally, live, pause] = ['rows', 'tally', 'live', 'pause'].map(part)
  const field = form.elements.q
  const limit = Number(rows.dataset.limit)
  let events
  let timer
  const close = (words) => {
    events?.close()
    events = undefined
    live.textContent = words
  }
  const say = (words) => {
    if (live.textContent !== words) live.textContent = words
  }
  const open = () => {
    events?.close()
    const source = new EventSource(form.dataset.events + '?q=' + encodeURIComponent(field.value))
    events = source
    pause.textContent = 'Pause'
    const take = (isAll) => ({ data }) => {
      const told = JSON.parse(data)
      if (isAll) rows.replaceChildren()
      rows.insertAdjacentHTML('afterbegin', told.rows)
      while (rows.rows.length > limit) rows.deleteRow(-1)
      tally.textContent = told.tally
      say('Live.')
    }
    source.addEventListener('all', take(true))
    source.addEventListener('new', take(false))
    source.addEventListener('error', () => {
      say(source.readyState === EventSource.CLOSED ? 'Not live: load the page again.' : 'Not live: trying again.')
    })
  }
  const openLater = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const query = field.value === '' ? '' : '?q=' + encodeURIComponent(field.value)
      history.replaceState(null, '', location.pathname + query)
      open()
    }, 150)
  }
  field.addEventListener('input', openLater)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    openLater()
  })
  pause.hidden = false
  pause.addEventListener('click', () => {
    if (events === undefined) return open()
    close('Paused.')
    pause.textContent = 'Go on'
  })
  addEventListener('pagehide', () => close(''))
  addEventListener('pageshow', open)
}
`
