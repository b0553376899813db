// Asks a model with the openai package, with every call logged, and follows what arrives:  npm start
// Without OPENAI_API_KEY a stand-in answers, so that nothing is needed but an LlmEval server.
import OpenAI from 'openai';
import { LLMEvalClient, LLMEvalStreamClient, observe, wrapOpenAI } from 'llm-eval-sdk';

const standIn = process.env.OPENAI_API_KEY ? undefined : await (await import('../provider/server.mjs')).startProvider();
const client = new LLMEvalClient();
const provider = new OpenAI(standIn && { baseURL: standIn.url, apiKey: 'any' });
const openai = wrapOpenAI(provider, { evalClient: client, sessionId: 'example', streamUsage: true });

// Each trace is announced on the stream as soon as it is stored.
let heard = 0;
const stop = new LLMEvalStreamClient().streamEvents(({ event, data }) => {
  if (event === 'trace_updates') {
    console.log(`stored: ${data.summary.model_name} | ${data.summary.user_query} | ${data.summary.ai_response}`);
    heard++;
  }
});

// The two calls of the model know that they are part of this one.
const answer = observe(async function answer(question) {
  const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: question }];
  const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  const check = [{ role: 'user', content: `Is this right? ${text}` }];
  const { choices } = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: check });
  return choices[0].message.content;
}, { kind: 'agent', client });

console.log(await answer('What is the capital of France?'));
await client.flush();
for (let tries = 0; heard < 3 && tries < 100; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
stop();
await standIn?.close();
console.log(client.stats);
