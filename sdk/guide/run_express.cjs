// Routes for the app of the Express block; this text is put behind it.
app.post('/sent', (req, res) => res.send({ llm_response: 'Paris' }));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
