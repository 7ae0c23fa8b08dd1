// deploy/grafana: each expression of the dashboard and of the alerts, read by Prometheus' own grammar
// (@prometheus-io/lezer-promql 0.315.0), asks for metrics, labels and values that a gateway has. No Grafana and no
// Prometheus run here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createSummedMetrics } from '../../src/observe/summed-metrics.ts'
import { tableOf } from '../docs/page.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { metricsOf } from '../support/scrape.ts'
import { SOURCES } from '../support/sources.ts'
import { DEPLOY } from './manifests.ts'

interface Target {
  readonly expr: string
  readonly legendFormat: string
}

interface Panel {
  readonly title: string
  readonly type: string
  readonly targets?: readonly Target[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly definition?: string }[] }
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly labels: Readonly<Record<string, string>>
      readonly annotations: Readonly<Record<string, string>>
    }[]
  }[]
}

const dashboard = JSON.parse(readFileSync(join(DEPLOY, 'grafana/dashboard.json'), 'utf8')) as Dashboard
const rules = (parse(readFileSync(join(DEPLOY, 'grafana/alerts.yaml'), 'utf8')) as Rules).groups.flatMap(
  (group) => group.rules,
)
const charts = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ where: title, expr, words: legendFormat })),
)
const alerts = rules.map(({ alert, expr, annotations }) => ({
  where: alert,
  expr,
  words: Object.values(annotations).join(' ').replaceAll('$labels.', ''),
}))
const ALL = [...charts, ...alerts]

interface Selector {
  readonly name: string
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[]
}

interface Read {
  readonly selectors: readonly Selector[]
  /** Labels that are grouped by. */
  readonly groups: readonly string[]
  readonly errors: number
}

/** What Grafana puts in place of its own variables. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$route', '.*')
}

function readExpression(given: string): Read {
  const expr = filledIn(given)
  const selectors: { name: string; matchers: Selector['matchers'][number][] }[] = []
  const groups: string[] = []
  let errors = 0
  const text = ({ from, to }: { readonly from: number; readonly to: number }) => expr.slice(from, to)
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) errors += 1
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier')
        selectors.push({ name: name === null ? '' : text(name), matchers: [] })
      }
      if (node.name === 'UnquotedLabelMatcher') {
        const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) => {
          const found = node.node.getChild(part)
          return found === null ? '' : text(found)
        })
        const quoted = value ?? ''
        selectors
          .at(-1)
          ?.matchers.push({ label: label ?? '', operator: operator ?? '', value: quoted.slice(1, -1) })
      }
      if (node.name === 'GroupingLabels') groups.push(...node.node.getChildren('LabelName').map(text))
    },
  })
  return { selectors, groups, errors }
}

let gateway: TestGateway
/** Metric, as it is scraped → its labels. */
const known = new Map<string, readonly string[]>()
beforeAll(async () => {
  gateway = await startTestGateway({ top: 'telemetry: { traces: {} }' })
  for (const name of ['safe', 'danger'])
    await (await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })).text()
  const summed = createSummedMetrics({ serving: () => 1, isCurrent: () => true })
  summed.death()
  for (const text of [await metricsOf(gateway), await summed.text()]) addScraped(text)
  // Those that count nothing yet, and the one of a shared state: by the page, which test/docs holds against the code
  for (const [name = '', labels = ''] of tableOf('docs/operations.md', 'metric')) {
    const written = labels === '' ? [] : labels.replaceAll('`', '').split(', ')
    if ((known.get(name) ?? []).length === 0 && (known.has(name) || name === 'portcullis_state_away'))
      known.set(name, written)
  }
})
afterAll(() => gateway.close())

function addScraped(text: string): void {
  for (const [, name = ''] of text.matchAll(/^# TYPE (\w+)/gm)) known.set(name, known.get(name) ?? [])
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{([^}]*)\})? /gm))
    known.set(
      name,
      [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
    )
}

/** What Prometheus adds to each sample. */
const OF_PROMETHEUS = ['instance', 'job']

describe('deploy/grafana', () => {
  test('there is something to hold', () => {
    expect(charts.length).toBeGreaterThan(25)
    expect(alerts.length).toBeGreaterThan(12)
  })

  test.each(ALL)('$where: is PromQL, of metrics and labels that there are', ({ expr, words }) => {
    const { selectors, groups, errors } = readExpression(expr)
    expect(errors).toBe(0)
    expect(selectors.length).toBeGreaterThan(0)
    for (const { name, matchers } of selectors) {
      expect([...known.keys()]).toContain(name)
      for (const { label } of matchers)
        expect([...(known.get(name) ?? []), ...OF_PROMETHEUS]).toContain(label)
    }
    const labels = selectors.flatMap(({ name }) => [...(known.get(name) ?? [])])
    for (const label of groups) expect([...labels, ...OF_PROMETHEUS]).toContain(label)
    const shown = [...words.matchAll(/\{\{ ?(\w+) ?\}\}/g)].map(([, label = '']) => label)
    const left = expr.includes(' by (') ? groups : [...labels, ...OF_PROMETHEUS]
    for (const label of shown) expect(left).toContain(label)
  })

  test.each(ALL)('$where: asks for values that the gateway writes', ({ expr }) => {
    for (const { matchers } of readExpression(expr).selectors)
      for (const { label, operator, value } of matchers) {
        if (label === 'route') continue // of the configuration
        const parts = operator.endsWith('~') ? value.split('|') : [value]
        for (const part of parts) expect(isWritten(part), `${label}${operator}"${part}"`).toBe(true)
      }
  })

  test('a name that no gateway has is noticed', () => {
    const { selectors } = readExpression('rate(portcullis_made_up_total{by="x"}[5m])')
    expect(selectors).toEqual([
      { name: 'portcullis_made_up_total', matchers: [{ label: 'by', operator: '=', value: 'x' }] },
    ])
    expect([...known.keys()]).not.toContain('portcullis_made_up_total')
    expect(readExpression('rate(a[5m]').errors).toBeGreaterThan(0)
    expect(isWritten('made_up')).toBe(false)
  })

  test('the variable of routes, and a description of each alert', () => {
    const [, route] = dashboard.templating.list
    expect(route?.definition).toBe('label_values(portcullis_decisions_total, route)')
    expect(known.get('portcullis_decisions_total')).toContain('route')
    for (const { labels, annotations } of rules) {
      expect(['critical', 'warning', 'info']).toContain(labels['severity'])
      expect(Object.keys(annotations)).toEqual(['summary', 'description'])
    }
  })
})

/** Whether a value of a label, or one that a pattern means, is a word of the sources: labels are of closed lists. */
function isWritten(value: string): boolean {
  const word = value.endsWith('.*') ? `${value.slice(0, -2)}\\w+` : value
  const quoted = new RegExp(`(?:'${word}'|\\b${word}:)`)
  return SOURCES.some(({ code }) => quoted.test(code))
}
