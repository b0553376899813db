// Installs what the tests need (once for each lock file), builds the package, and puts it where `import 'llm-eval-sdk'` finds it: what is
// tested is what is shipped.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = `${here}node_modules/llm-eval-sdk`;
const windows = process.platform === 'win32';

function install(folder) {
  const changed = (file) => statSync(folder + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed('package-lock.json') > changed('node_modules/.package-lock.json')) {
    const options = { cwd: folder, stdio: 'inherit', shell: windows };
    execFileSync(windows ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], options);
  }
}

install(`${here}../`);
install(here);
execFileSync(process.execPath, [`${here}../build.mjs`], { stdio: ['ignore', 'ignore', 'inherit'] });
const [tarball] = readdirSync(`${here}../dist`).filter((name) => name.endsWith('.tgz'));
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
execFileSync('tar', ['-xzf', `${here}../dist/${tarball}`, '--strip-components=1', '-C', target]);
