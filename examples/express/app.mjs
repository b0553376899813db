// An app whose answers are logged on their way out:  npm start
//   curl http://localhost:3000/ask -H 'Content-Type: application/json' -d '{"query": "What is AI?"}'
import express from 'express';
import { LLMEvalClient, expressMiddleware } from 'llm-eval-sdk';

const client = new LLMEvalClient();
const app = express();
app.use(express.json());
app.use(expressMiddleware(client, { modelName: 'echo-1' }));

app.post('/ask', async (request, response) => {
  // Here your model would be asked.
  response.json({ llm_response: `You asked: ${request.body.query}` });
});

const server = app.listen(Number(process.env.PORT ?? 3000), 'localhost', () => {
  console.log(`Listening on http://localhost:${server.address().port}`);
});

// What is still queued goes out before the process ends.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    await client.shutdown();
    process.exit();
  });
}
