// The names that the guide's JavaScript blocks use and never define.
import { TraceLogger } from './llm-eval-sdk';

Object.assign(globalThis, { TraceLogger });
