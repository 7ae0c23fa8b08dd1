// Prints the counts of the last test run as one line: `N passed, N failed`. Exits 1 when there are none.
import { readFileSync } from 'node:fs'

const {
  numPassedTests: passed,
  numFailedTests: failed,
  numFailedTestSuites: broken,
  numPendingTests: skipped,
} = JSON.parse(readFileSync('build/tests.json', 'utf8'))
const failures = failed === 0 ? broken : failed
console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(passed > 0 && failures === 0 ? 0 : 1)
