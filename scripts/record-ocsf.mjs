// Writes test/observe/ocsf/schema.json: the two event classes that the gateway writes, and all objects that they reach, from a
// checkout of github.com/ocsf/ocsf-schema (git checkout 1.8.0). Usage: node scripts/record-ocsf.mjs FOLDER
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [folder] = process.argv.slice(2)
const read = (path) => JSON.parse(readFileSync(join(folder, path), 'utf8'))
const named = (pattern) =>
  new Map(
    globSync(pattern, { cwd: folder })
      .map(read)
      .map((part) => [part.name ?? part.extends, part]),
  )
const dictionary = read('dictionary.json')
const categories = read('categories.json').attributes
const [classes, objects] = [named('events/**/*.json'), named('objects/*.json')]

/** Attributes of a class or object with those of what it extends; without those of profiles, which an event has to name. */
function resolved(part, all) {
  const base = part.extends === undefined ? {} : resolved(all.get(part.extends), all)
  const { $include: includes = [], ...own } = part.attributes ?? {}
  const attributes = { ...base.attributes }
  for (const path of [includes].flat().filter((path) => !path.startsWith('profiles/')))
    Object.assign(attributes, read(path).attributes)
  for (const [name, attribute] of Object.entries(own)) {
    const before = attributes[name] ?? {}
    attributes[name] = { ...before, ...attribute, enum: { ...before.enum, ...attribute.enum } }
  }
  const { category = base.category, uid, constraints = base.constraints } = part
  return { category, uid, constraints, attributes }
}

const reached = new Map()
function attributesOf(attributes) {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { profile }]) => profile === undefined || profile === null)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, attribute]) => [name, attributeOf(name, attribute)]),
  )
}

function attributeOf(name, { requirement = 'optional', enum: own = {}, ...given }) {
  const known = dictionary.attributes[name]
  const type = given.type ?? known.type
  const values = Object.keys({ ...known.enum, ...own })
  if (!(type in dictionary.types.attributes)) reach(type)
  return {
    requirement,
    type,
    ...(known.is_array === true || given.is_array === true ? { is_array: true } : {}),
    ...(values.length > 0 ? { values } : {}),
  }
}

function reach(name) {
  if (reached.has(name)) return
  reached.set(name, undefined)
  const { attributes, constraints } = resolved(objects.get(name), objects)
  reached.set(name, { ...(constraints ? { constraints } : {}), attributes: attributesOf(attributes) })
}

/** The profile that the gateway names in `metadata.profiles`; base_event supports it. */
const PROFILE = 'security_control'
const ofProfile = Object.entries(read(`profiles/${PROFILE}.json`).attributes).map(([name, attribute]) => [
  name,
  { ...attributeOf(name, attribute), profile: PROFILE },
])

function classOf(name) {
  const { category, uid, attributes, constraints } = resolved(classes.get(name), classes)
  const all = attributesOf(attributes)
  const categoryUid = categories[category].uid
  for (const fixed of ['category_uid', 'class_uid', 'type_uid']) delete all[fixed].values // the class sets them
  return {
    class_uid: categoryUid * 1_000 + uid,
    category_uid: categoryUid,
    ...(constraints ? { constraints } : {}),
    attributes: { ...all, ...Object.fromEntries(ofProfile) },
  }
}

const found = Object.fromEntries(['api_activity', 'authentication'].map((name) => [name, classOf(name)]))
const types = Object.fromEntries(
  Object.entries(dictionary.types.attributes).map(([name, { type, range, max_len: maxLength, regex }]) => [
    name,
    { base: type ?? name, range, max_len: maxLength, regex },
  ]),
)
const schema = {
  source: 'github.com/ocsf/ocsf-schema, Apache-2.0',
  version: read('version.json').version,
  classes: found,
  objects: Object.fromEntries([...reached].sort(([one], [other]) => (one < other ? -1 : 1))),
  types,
}
const target = fileURLToPath(new URL('../test/observe/ocsf/schema.json', import.meta.url))
writeFileSync(target, JSON.stringify(schema))
execFileSync(process.execPath, [
  fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url)),
  ...['format', '--write', target],
])
