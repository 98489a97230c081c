'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const http = require('node:http');
const { spawn } = require('node:child_process');
const test = require('node:test');
const { requestLog, requestId } = require('./index.js');

const express = require('express');

/** Takes lines, and gives them as objects once there are n. */
class Lines {
  lines = [];
  #wanted = [];

  write(line) {
    assert.match(line, /^[^\n]*\n$/);
    this.lines.push(JSON.parse(line));
    this.#wanted = this.#wanted.filter(({ n, resolve }) => this.lines.length < n || resolve(this.lines));
  }

  atLeast(n) {
    return new Promise((resolve) => (this.lines.length >= n ? resolve(this.lines) : this.#wanted.push({ n, resolve })));
  }
}

async function serving(t, app) {
  const server = http.createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

function application(out) {
  const app = express();
  app.set('env', 'test'); // Express prints no errors of its own
  const log = requestLog({ out, userId: (req) => req.user });
  app.use(log);
  app.use('/static', (req, res) => res.send('x'));
  app.get('/users/:id', async (req, res) => {
    req.user = 'u-1';
    await new Promise((resolve) => setImmediate(resolve));
    res.json({ id: req.params.id, requestId: requestId() });
  });
  const nested = express.Router();
  nested.get('/:n', (req, res) => res.send('hällo'));
  app.use('/orders', nested);
  app.get('/healthz', (req, res) => res.status('broken' in req.query ? 503 : 200).end());
  app.get('/stream', (req, res) => {
    res.write('123');
    res.write(Buffer.from('45'));
    res.end('6');
  });
  app.get('/boom', () => {
    throw new TypeError('no such currency');
  });
  app.get('/hangs', (req, res) => res.write('x'));
  app.use(log.errors);
  return app;
}

test('requests', async (t) => {
  const out = new Lines();
  const base = await serving(t, application(out));
  const answer = await fetch(`${base}/users/7?token=secret`, { headers: { 'X-Request-ID': 'caller-1' } });
  assert.strictEqual(answer.headers.get('x-request-id'), 'caller-1');
  assert.deepStrictEqual(await answer.json(), { id: '7', requestId: 'caller-1' });
  for (const path of ['/healthz', '/static/x.css', '/orders/1', '/healthz?broken', '/missing', '/stream', '/boom']) {
    await (await fetch(base + path)).arrayBuffer();
  }
  const [user, order, health, missing, stream, boom] = await out.atLeast(6);
  assert.deepStrictEqual([user.level, user.method, user.status_code], ['INFO', 'GET', 200]);
  assert.strictEqual(user.path, '/users/7');
  assert.strictEqual(user.route, '/users/:id');
  assert.strictEqual(user.user_id, 'u-1');
  assert.strictEqual(user.request_id, 'caller-1');
  assert.match(user.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(user.response_time >= 0 && user.response_time < 60_000);
  assert.ok(!('error' in user));
  assert.strictEqual(order.route, '/orders/:n');
  assert.strictEqual(order.path, '/orders/1');
  assert.strictEqual(order.bytes, 6);
  assert.deepStrictEqual([health.status_code, health.level], [503, 'ERROR']);
  assert.deepStrictEqual([missing.status_code, missing.level, missing.route], [404, 'WARN', undefined]);
  assert.strictEqual(stream.bytes, 6);
  assert.deepStrictEqual([boom.status_code, boom.level, boom.error], [500, 'ERROR', 'TypeError: no such currency']);
  assert.match(boom.error_traceback, /index\.test\.js/);
  assert.strictEqual(out.lines.length, 6);
  assert.strictEqual(requestId(), undefined);
});

test('a response without a body', async (t) => {
  const out = new Lines();
  const base = await serving(t, application(out));
  const answer = await fetch(`${base}/stream`, { method: 'HEAD' });
  assert.strictEqual(answer.status, 200);
  const [line] = await out.atLeast(1);
  assert.deepStrictEqual([line.method, line.bytes], ['HEAD', 0]);
});

test('what is thrown without a text', () => {
  const out = new Lines();
  const log = requestLog({ out });
  const req = { method: 'GET', originalUrl: '/odd', headers: {} };
  const res = Object.assign(new EventEmitter(), { statusCode: 500, headersSent: true, writableFinished: true, setHeader() {}, write() {}, end() {} });
  log(req, res, () => log.errors(Object.create(null), req, res, () => {}));
  res.emit('close');
  assert.strictEqual(out.lines[0].error, 'an object that has no text');
});

test('a client that leaves', async (t) => {
  const out = new Lines();
  const base = await serving(t, application(out));
  const request = http.get(`${base}/hangs`, (answer) => answer.once('data', () => request.destroy()));
  request.on('error', () => {});
  const [line] = await out.atLeast(1);
  assert.deepStrictEqual([line.level, line.status_code, line.bytes], ['WARN', 200, 1]);
});

test('request ids', async (t) => {
  const base = await serving(t, application(new Lines()));
  for (const [sent, kept] of [['a.B_9-z', true], ['two words', false], ['"},{"', false], ['x'.repeat(128), true], ['x'.repeat(129), false]]) {
    const answer = await fetch(`${base}/stream`, { headers: { 'X-Request-ID': sent } });
    assert.strictEqual(answer.headers.get('x-request-id') === sent, kept, sent);
  }
});

test('a stdout that nobody reads', async () => {
  // The child puts more lines than the queue takes, and says on stderr that it got so far: its stdout is not read yet.
  const child = spawn(process.execPath, ['-e', `
    const { Output } = require('./index.js');
    const out = new Output(1);
    for (let i = 0; i < 20_000; i++) out.write('x'.repeat(99) + '\\n');
    process.stderr.write('put');
  `], { cwd: __dirname, stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise((resolve) => child.stderr.once('data', resolve));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  const lines = text.trimEnd().split('\n');
  const said = lines.filter((line) => line[0] === '{').map((line) => JSON.parse(line).message);
  const dropped = said.reduce((sum, message) => sum + Number(/(\d+) lines/.exec(message)[1]), 0);
  assert.ok(dropped > 0);
  assert.strictEqual(lines.length - said.length + dropped, 20_000);
});

test('a process that exits writes what it has', async () => {
  const child = spawn(process.execPath, ['-e', `
    const { Output } = require('./index.js');
    const out = new Output(1);
    out.write('first\\n');
    setImmediate(() => { out.write('last\\n'); process.exit(0); });
  `], { cwd: __dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  // The first may still be on its way through Node's pool when the last is written.
  assert.deepStrictEqual(text.split('\n').sort(), ['', 'first', 'last']);
});

test('a process that exits while nobody reads', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, ['-e', `
    const { Output } = require('./index.js');
    const out = new Output(1);
    for (let i = 0; i < 20_000; i++) out.write('x'.repeat(99) + '\\n');
    setImmediate(() => process.exit(3));
  `], { cwd: __dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pause();
  assert.strictEqual(await new Promise((resolve) => child.once('exit', resolve)), 3);
  child.stdout.destroy();
});

test('a closed stdout is no failure', async () => {
  const child = spawn(process.execPath, ['-e', `
    const { Output } = require('./index.js');
    const out = new Output(1);
    process.stdin.once('data', () => { out.write('lost\\n'); setImmediate(() => out.write('lost, too\\n')); process.stdin.unref(); });
  `], { cwd: __dirname, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.destroy();
  child.stdin.end('go');
  assert.deepStrictEqual(await new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal]))), [0, null]);
});
