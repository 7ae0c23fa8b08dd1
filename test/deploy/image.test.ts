// The image, judged by the file that makes it, since there is no container engine where the tests run; and the recipe
// that releases it, run with a `docker` that only writes down how it was called.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ROOT } from './manifests.ts'

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')

describe('C09 C10 the image', () => {
  const instructions = textOf('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => {
      const [name = '', ...rest] = line.split(/\s+/)
      return { name, rest: rest.join(' ') }
    })
  const stages = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []))
  const final = instructions.slice(stages.at(-1))
  const only = (name: string, among = final) =>
    among.filter((instruction) => instruction.name === name).map(({ rest }) => rest)

  it('builds in one stage and runs in another, both on the base that the build arguments name', () => {
    expect(only('FROM', instructions)).toEqual([
      '${BASE}${BASE_DIGEST:+@$BASE_DIGEST} AS build',
      '${BASE}${BASE_DIGEST:+@$BASE_DIGEST}',
    ])
    expect(only('ARG', instructions.slice(0, stages[0]))).toEqual([
      expect.stringMatching(/^BASE=docker\.io\/library\/node:26-\w+-slim$/),
      'BASE_DIGEST', // none is written that nobody looked up
    ])
  })

  it('has no ADD, and no secret in ARG or ENV', () => {
    expect(instructions.map(({ name }) => name)).not.toContain('ADD')
    for (const { name, rest } of instructions) {
      if (name === 'ARG' || name === 'ENV') expect(rest).not.toMatch(/secret|token|password|key/i)
    }
  })

  it('runs as a user without privileges, given as a number, who owns the folder for data alone', () => {
    const [user = ''] = only('USER')
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const owned = only('COPY').filter((rest) => rest.includes('--chown'))
    expect(owned).toEqual([`--from=build --chown=${user} /rootfs/var/lib/portcullis/ /var/lib/portcullis/`])
    expect(only('VOLUME')).toEqual(['/var/lib/portcullis'])
  })

  it('needs no shell at run time', () => {
    expect(only('RUN')).toEqual([])
    for (const name of ['ENTRYPOINT', 'CMD']) {
      for (const rest of only(name)) expect(Array.isArray(JSON.parse(rest))).toBe(true)
    }
    expect(only('HEALTHCHECK')).toEqual([
      expect.stringMatching(/CMD \["portcullis", "healthcheck", "-c", "\/etc\/portcullis\/gateway.yaml"\]$/),
    ])
  })

  it('holds the compiled gateway, its production packages and its licence, and nothing else', () => {
    const copied = only('COPY').flatMap((rest) => rest.split(' ').slice(0, -1))
    expect(copied.filter((word) => !word.startsWith('--'))).toEqual([
      ...['LICENSE', 'package.json', 'bin', '/app/dist', '/app/node_modules'],
      ...['/rootfs/usr/', '/rootfs/var/lib/portcullis/'],
    ])
  })

  it('says what it is: title, licence, version, revision, time', () => {
    const [label = ''] = only('LABEL')
    for (const key of ['title', 'description', 'licenses', 'version', 'revision', 'created']) {
      expect(label).toContain(`org.opencontainers.image.${key}="`)
    }
    const { version } = JSON.parse(textOf('package.json')) as { version: string }
    expect(only('ARG')).toContain(`VERSION=${version}`)
  })

  it('every file that it copies from here exists, and .dockerignore leaves it in', () => {
    const ignored = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(ignored[0]).toBe('*')
    const copies = only('COPY', instructions).filter((rest) => !rest.startsWith('--from'))
    const paths = copies.flatMap((rest) => rest.split(' ').slice(0, -1))
    expect(paths.length).toBeGreaterThan(5)
    for (const path of paths) {
      expect(existsSync(join(ROOT, path)), path).toBe(true)
      expect(ignored).toContain(`!${path.replace(/\/$/, '')}`)
    }
  })
})

describe('the recipe that releases it', () => {
  const DIGEST = `sha256:${'a1'.repeat(32)}`

  /** A clone with nothing but what the recipe reads, and a `docker` that answers the digest and writes down the rest. */
  function scene(digest: string) {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-release-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const clone = join(folder, 'clone')
    mkdirSync(join(folder, 'bin'))
    mkdirSync(clone)
    for (const path of ['package.json', 'package-lock.json', '.npmrc', '.gitignore', 'deploy/image']) {
      cpSync(join(ROOT, path), join(clone, path), { recursive: true })
    }
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: clone })
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'all')
    writeFileSync(
      join(folder, 'bin/docker'),
      `#!/bin/sh\ncase "$*" in *inspect*) echo '${digest}';; *) echo "$*" "$IMAGE:$VERSION $BASE@$BASE_DIGEST";; esac\n`,
    )
    chmodSync(join(folder, 'bin/docker'), 0o755)
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` }
    const release = (...args: readonly string[]) =>
      spawnSync(join(clone, 'deploy/image/release.sh'), args, { env, encoding: 'utf8' })
    return { clone, release }
  }

  it('pins the base to the digest that it has today, and lists every production package', {
    timeout: 60_000,
  }, () => {
    const { clone, release } = scene(DIGEST)
    const { status, stdout } = release('registry.example.com/portcullis')
    expect(status).toBe(0)
    const base = /^ARG BASE=(.+)$/m.exec(textOf('Dockerfile'))?.[1]
    expect(stdout).toContain(
      `buildx bake -f deploy/image/docker-bake.hcl --push registry.example.com/portcullis:0.1.0 ${base}@${DIGEST}`,
    )
    const bill = JSON.parse(readFileSync(join(clone, 'build/sbom.cdx.json'), 'utf8')) as {
      components: { name: string; version: string }[]
    }
    const { packages } = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { version: string; dev?: boolean }>
    }
    const production = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
    const named = ([path, { version }]: (typeof production)[number]) =>
      `${path.split('node_modules/').at(-1)} ${version}`
    const listed = bill.components.map(({ name, version }) => `${name} ${version}`)
    expect([...new Set(listed)].sort()).toEqual([...new Set(production.map(named))].sort())
  })

  it.each([
    ['no digest for', 'registry unreachable', ['registry.example.com/portcullis']],
    ['usage: deploy/image/release.sh REGISTRY/NAME', DIGEST, []],
  ])('says what is wrong: %s', (sentence, digest, args) => {
    const { status, stderr } = scene(digest).release(...args)
    expect(status).not.toBe(0)
    expect(stderr).toContain(sentence)
  })

  it('does not release what is not committed', () => {
    const { clone, release } = scene(DIGEST)
    writeFileSync(join(clone, 'new-file'), '')
    const { status, stderr } = release('registry.example.com/portcullis')
    expect([status, stderr]).toEqual([1, 'release: commit or remove what is not committed first\n'])
  })

  it('the bake file builds for both architectures, with a bill of materials and provenance', () => {
    const text = textOf('deploy/image/docker-bake.hcl')
    expect(text).toContain('platforms  = ["linux/amd64", "linux/arm64"]')
    expect(text).toContain('attest = ["type=sbom", "type=provenance,mode=max"]')
    expect(text).not.toMatch(/sha256:[0-9a-f]/)
  })
})
