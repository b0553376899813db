import { prices, type Price } from './prices.js';

/** What an answer used, as OpenAI (both interfaces), Anthropic and LangChain name it. */
export interface Usage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  promptTokens?: number | null;
  completionTokens?: number | null;
  prompt_tokens_details?: { cached_tokens?: number | null } | null;
  input_tokens_details?: { cached_tokens?: number | null } | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

/**
 * What a call cost in US dollars by list price, or null where that is not known: no figure is better than a wrong one.
 * @param own Prices per million tokens that go before the built-in ones.
 */
export function calculateCost(usage: Usage | null | undefined, model: string, own: Record<string, Price> = {}): number | null {
  const price = priceOf(model, own) ?? priceOf(model, prices);
  if (!usage || !price) {
    return null;
  }
  const input = usage.prompt_tokens ?? usage.input_tokens ?? usage.promptTokens;
  const output = usage.completion_tokens ?? usage.output_tokens ?? usage.completionTokens;
  if (input == null && output == null) {
    return null;
  }
  // OpenAI counts cached tokens among the input, Anthropic beside it.
  const among = usage.prompt_tokens_details?.cached_tokens ?? usage.input_tokens_details?.cached_tokens ?? 0;
  const beside = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  const dollars = ((input ?? 0) - among) * price.input
    + (among + beside) * (price.cached_input ?? price.input)
    + written * (price.cache_write ?? price.input)
    + (output ?? 0) * price.output;
  return Number((dollars / 1e6).toFixed(12));
}

function priceOf(model: string, table: Record<string, Price>): Price | undefined {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  const undated = name.replace(/([-@](\d{8}|\d{4})|-\d{4}-\d{2}-\d{2}|-latest)$/, '');
  return [name, undated].filter((key) => Object.hasOwn(table, key)).map((key) => table[key])[0];
}
