'use strict';

// An application to see the lines of: node example.js, then ask it for /users/7 and /boom.

const express = require('express');
const { requestLog, requestId } = require('./index.js');

const app = express();
app.set('env', 'test'); // Express prints no errors of its own
const log = requestLog({ userId: (req) => req.get('X-User') });
app.use(log);
app.get('/users/:id', (req, res) => res.json({ id: req.params.id, request_id: requestId() }));
app.get('/boom', () => {
  throw new RangeError('no such currency');
});
app.get('/healthz', (_req, res) => res.send('ok'));
app.use(log.errors);

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
process.on('SIGTERM', () => server.close());
