#!/usr/bin/env node
/**
 * Starts Residua. In a clone it installs and builds first what is missing or old; in an installed package it only starts.
 * Plain Node without any dependency, because in a fresh clone there is nothing else yet.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

launch().catch((error) => {
  console.error(error instanceof Error && error.name === 'BuildError' ? `residua: ${error.message}` : error)
  process.exitCode = 1
})

async function launch() {
  const needed = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '')
  if (isOlder(process.versions.node, needed)) {
    console.error(`residua: needs Node ${needed} or newer; this is Node ${process.versions.node}.`)
    process.exitCode = 1
    return
  }
  const onlyBuild = process.argv[2] === '--build'
  // The published package carries neither the sources nor this file.
  if (existsSync(join(root, 'tsconfig.json')) && existsSync(join(root, 'src', 'build.mjs'))) {
    const { install, build } = await import('./build.mjs')
    const say = (/** @type {string} */ text) => console.error(`residua: ${text}`)
    await install(root, say)
    await build(root, say)
  }
  // The same process runs the program, so that signals and exit codes are its own.
  if (!onlyBuild) await import(pathToFileURL(join(root, 'dist', 'main.js')).href)
}

/**
 * @param {string} version
 * @param {string} needed
 */
function isOlder(version, needed) {
  const have = version.split('.').map(Number)
  const want = needed.split('.').map(Number)
  const differing = want.findIndex((part, index) => have[index] !== part)
  return differing >= 0 && Number(have[differing]) < Number(want[differing])
}
