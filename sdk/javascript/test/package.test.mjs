// The package as npm installs it: every way to import it, its types, and what its tools say of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esm from 'llm-eval-sdk';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '..', 'dist');
const installed = join(here, 'node_modules', 'llm-eval-sdk');
const bin = (name) => join(here, 'node_modules', '.bin', name);
const tool = async (name, ...args) => {
  const { stdout, stderr } = await run(bin(name), args, { cwd: here }).catch((error) => assert.fail(error.stdout + error.stderr));
  return stdout + stderr;
};

describe('the package', { concurrency: 2 }, () => {
  it('gives the same names to import and to require', () => {
    const cjs = createRequire(import.meta.url)('llm-eval-sdk');
    assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
    assert.ok(createRequire(import.meta.url)('llm-eval-sdk/langchain').EvalCallbackHandler);
    assert.ok(createRequire(import.meta.url)('llm-eval-sdk/react').useLiveMetrics);
  });

  it('has no dependencies, and no more files than it needs', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    assert.equal(manifest.dependencies, undefined);
    assert.deepEqual((await readdir(installed)).sort(), ['LICENSE', 'README.md', 'dist', 'langchain', 'package.json', 'react']);
  });

  it('says what users write in types', () => tool('tsc', '-p', 'types'));

  it('is clean for publint', async () => assert.match(await tool('publint', '--strict', installed), /All good/));

  it('is clean for arethetypeswrong', async () => {
    const [tarball] = (await readdir(dist)).filter((name) => name.endsWith('.tgz'));
    assert.match(await tool('attw', join(dist, tarball)), /No problems found/);
  });

  it('goes into a bundle for browsers, without a word of Node in it', async () => {
    const folder = await mkdtemp(join(here, 'node_modules', 'bundle-'));
    for (const [name, code] of Object.entries({ import: "import { LLMEvalClient } from 'llm-eval-sdk'; new LLMEvalClient();", require: "new (require('llm-eval-sdk').LLMEvalClient)();" })) {
      await writeFile(join(folder, `${name}.js`), code);
      await tool('esbuild', join(folder, `${name}.js`), '--bundle', '--format=esm', '--platform=browser', `--outfile=${join(folder, 'out.js')}`);
      const bundle = await readFile(join(folder, 'out.js'), 'utf8');
      assert.match(bundle, /webhook\/batch/);
      assert.doesNotMatch(bundle, /from "node:|require\("node:/);
    }
    await rm(folder, { recursive: true });
  });
});

describe('the file that needs no installation', () => {
  it("is imported and required from './llm-eval-sdk'", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'llm-eval-sdk-'));
    await cp(join(dist, 'llm-eval-sdk'), join(folder, 'llm-eval-sdk'));
    await writeFile(join(folder, 'a.mjs'), "import { LLMEvalClient, TraceLogger } from './llm-eval-sdk'; console.log(new LLMEvalClient() && TraceLogger.name);");
    await writeFile(join(folder, 'a.cjs'), "const { LLMEvalClient, TraceLogger } = require('./llm-eval-sdk'); console.log(new LLMEvalClient() && TraceLogger.name);");
    for (const name of ['a.mjs', 'a.cjs']) {
      const { stdout } = await run(process.execPath, [join(folder, name)]);
      assert.equal(stdout, 'TraceLogger\n');
    }
    await rm(folder, { recursive: true });
  });

  it('is a module for pages too', async () => {
    const module = await import(join(dist, 'llm-eval-sdk.mjs'));
    assert.deepEqual(Object.keys(module).sort(), Object.keys(esm).sort());
  });
});
