import { toText } from './text.js';
import type { FunctionCall } from './types.js';

/** A message of a chat, whoever's format it came in. */
export interface Message {
  role: string;
  text: string;
  calls?: ToolCall[];
  /** Of a tool's answer: the call that it answers. */
  callId?: string | undefined;
}

export interface ToolCall {
  id?: string | undefined;
  name: string;
  parameters: unknown;
}

/** What a trace says of a conversation: the last question, the system's prompt, and what tools answered since the question. */
export function fieldsOf(messages: Message[]): { userQuery: string; systemPrompt?: string; functions: FunctionCall[] } {
  const asked = messages.findLastIndex((message) => message.role === 'user');
  const system = messages.filter((message) => message.role === 'system' || message.role === 'developer');
  const since = messages.slice(asked + 1);
  return {
    userQuery: messages[asked]?.text ?? messages.at(-1)?.text ?? '',
    ...(system.length > 0 && { systemPrompt: system.map((message) => message.text).join('\n\n') }),
    functions: since.flatMap((message) => message.calls ?? []).map((call) => {
      const result = since.find((message) => message.callId !== undefined && message.callId === call.id);
      return { name: call.name, parameters: call.parameters, ...(result && { result: result.text }) };
    }),
  };
}

/** The text of a message's content: a string, or parts of which some have a text. */
export function contentText(content: unknown): string {
  if (typeof content === 'string' || content === null || content === undefined) {
    return content ?? '';
  }
  if (!Array.isArray(content)) {
    return toText(content);
  }
  return content
    .map((part) => (typeof part === 'string' ? part : typeof part?.text === 'string' ? part.text : part?.type ? `[${part.type}]` : ''))
    .filter((text) => text !== '')
    .join('\n');
}

/** Arguments come as JSON; a model may write broken ones, which are kept as they are. */
export function parseArguments(json: unknown): unknown {
  if (typeof json !== 'string') {
    return json;
  }
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
