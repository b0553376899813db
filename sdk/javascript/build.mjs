// Makes the package and the two files that need no installation:
//   dist/llm-eval-sdk-VERSION.tgz   what npm installs; unpacked into a folder it is also what bundlers import
//   dist/llm-eval-sdk               one file for plain Node: import … from './llm-eval-sdk' and require('./llm-eval-sdk')
//   dist/llm-eval-sdk.mjs           one module for pages without a bundler
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const root = dirname(fileURLToPath(import.meta.url));
const { version } = createRequire(import.meta.url)('./package.json');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

process.chdir(root);
await rm('dist', { recursive: true, force: true });
await mkdir('dist/cjs', { recursive: true });
await writeFile('dist/cjs/package.json', '{ "type": "commonjs" }\n');

// Platform 'node' makes esbuild list the exported names where Node's import finds them; the code itself names no module of Node.
const common = {
  absWorkingDir: root,
  banner: { js: `// llm-eval-sdk ${version}, MIT licence` },
  entryPoints: ['src/index.ts'],
  bundle: true,
  target: 'es2022',
};
await Promise.all([
  run(process.execPath, [tsc, '-p', 'tsconfig.json']),
  run(process.execPath, [tsc, '-p', 'tsconfig.cjs.json']),
  build({ ...common, alias: { '#platform': './src/platform.require.ts' }, format: 'cjs', platform: 'node', outfile: 'dist/llm-eval-sdk.cjs' }),
  build({ ...common, alias: { '#platform': './src/platform.ts' }, format: 'esm', platform: 'neutral', outfile: 'dist/llm-eval-sdk.mjs' }),
]).catch((error) => {
  console.error(error.stdout || error.message);
  process.exit(1);
});
await rename('dist/llm-eval-sdk.cjs', 'dist/llm-eval-sdk');

// "imports" of the package name ES modules; CommonJS names its file itself.
for (const name of (await readdir('dist/cjs')).filter((file) => file.endsWith('.js'))) {
  const code = await readFile(`dist/cjs/${name}`, 'utf8');
  await writeFile(`dist/cjs/${name}`, code.replaceAll('require("#platform")', 'require("./platform.require.js")'));
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
await run(npm, ['pack', '--ignore-scripts', '--pack-destination', 'dist', '--loglevel', 'error'], { shell: process.platform === 'win32' });
console.log((await readdir('dist')).join('\n'));
