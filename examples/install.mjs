// Installs what the example in the working directory needs, where it is not there yet; the SDK comes from the LlmEval server itself.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const url = process.env.LLM_EVAL_BASE_URL ?? 'http://localhost:8000';
const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
const require = createRequire(`${process.cwd()}/package.json`);

const isThere = (name) => require.resolve.paths(name).some((folder) => existsSync(join(folder, name)));
const wanted = Object.entries(dependencies).map(([name, version]) => [name, `${name}@${version}`]);
wanted.push(['llm-eval-sdk', `${url}/sdk/llm-eval-sdk-1.0.0.tgz`]);
const missing = wanted.filter(([name]) => !isThere(name)).map(([, source]) => source);
if (missing.length > 0) {
  const windows = process.platform === 'win32';
  execFileSync(windows ? 'npm.cmd' : 'npm', ['install', '--no-save', '--no-audit', '--no-fund', ...missing], { stdio: 'inherit', shell: windows });
}
