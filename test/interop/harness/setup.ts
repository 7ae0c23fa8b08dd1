// Before the first test: the packages are there. Nothing is undone afterwards.
import { installPackages } from './packages.ts'

export function setup(): void {
  installPackages()
}
