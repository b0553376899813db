// Puts the packed package where `import 'llm-eval-sdk'` finds it, as npm would: what is tested is what is shipped.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = `${here}node_modules/llm-eval-sdk`;
const [tarball] = readdirSync(`${here}../dist`).filter((name) => name.endsWith('.tgz'));
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
execFileSync('tar', ['-xzf', `${here}../dist/${tarball}`, '--strip-components=1', '-C', target]);
