import type { HostProcess } from './platform.types.js';

/** Node's process, where there is one. */
export const host = (globalThis as { process?: HostProcess }).process;
