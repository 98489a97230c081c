'use strict';

/**
 * One JSON line per request on stdout, for Express.
 *
 *     const { requestLog, requestId } = require('@loglake/express');
 *     const log = requestLog({ userId: (req) => req.user?.id });
 *     app.use(log);            // first of all
 *     …routes…
 *     app.use(log.errors);     // last: sees what a route threw, and passes it on
 *
 * The schema, and what is skipped and dropped, is in contrib/README.md.
 */

const { AsyncLocalStorage } = require('node:async_hooks');
const { randomUUID } = require('node:crypto');
const fs = require('node:fs');

/** Paths that are not printed where they are got without a failure; one with a slash at its end stands for all below it. */
const SKIP = ['/health', '/healthz', '/livez', '/readyz', '/ping', '/metrics', '/favicon.ico', '/robots.txt', '/static/', '/assets/'];

const QUEUE_LINES_MAX = 10_000;
const TRACEBACK_CHARS_MAX = 32 << 10;
const EXIT_MILLIS_MAX = 2_000;

const validId = /^[A-Za-z0-9._-]{1,128}$/;
const current = new AsyncLocalStorage();

/** The id of the request that is being handled; undefined outside of one. */
function requestId() {
  return current.getStore()?.id;
}

/**
 * Makes the middleware.
 *
 * @param {object} [options]
 * @param {string[]} [options.skip] paths that are not printed, instead of SKIP
 * @param {(req: object) => unknown} [options.userId] who made a request, asked when it has ended
 * @param {{write(line: string): void}} [options.out] takes the lines and does not block; stdout where it is not given
 */
function requestLog({ skip = SKIP, userId, out = stdout } = {}) {
  const paths = new Set(skip.filter((p) => !p.endsWith('/')));
  const below = skip.filter((p) => p.endsWith('/'));
  const skips = (method, path, status) => (method === 'GET' || method === 'HEAD') && status < 500 &&
    (paths.has(path) || below.some((p) => path.startsWith(p)));

  function middleware(req, res, next) {
    const began = Date.now();
    const started = process.hrtime.bigint();
    const sent = req.headers['x-request-id'];
    const id = validId.test(sent ?? '') ? sent : randomUUID();
    const path = req.originalUrl.split('?', 1)[0];
    const state = { id, error: undefined };
    req.requestId = id;
    states.set(req, state);
    res.setHeader('X-Request-ID', id);
    const bytes = counter(res);
    res.once('close', () => {
      const left = !res.writableFinished;
      const status = res.headersSent ? res.statusCode : undefined;
      if (!left && skips(req.method, path, status)) return;
      out.write(`${JSON.stringify({
        timestamp: new Date(began).toISOString(),
        level: status >= 500 ? 'ERROR' : status >= 400 || left ? 'WARN' : 'INFO',
        request_id: id,
        method: req.method,
        path,
        route: req.route ? req.baseUrl + pathOf(req.route) : undefined,
        status_code: status,
        response_time: Number(process.hrtime.bigint() - started) / 1e6,
        bytes: bytes(),
        user_id: userOf(req),
        ...failureOf(state.error),
      })}\n`);
    });
    current.run(state, next);
  }

  function userOf(req) {
    try {
      const user = userId?.(req);
      return user === undefined || user === null ? undefined : String(user);
    } catch {
      return undefined; // who it was must not decide what becomes of the line
    }
  }

  middleware.errors = (err, req, _res, next) => {
    const state = states.get(req);
    if (state) state.error = err;
    next(err);
  };
  return middleware;
}

const states = new WeakMap();

const pathOf = (route) => (typeof route.path === 'string' ? route.path : String(route.path));

function failureOf(error) {
  if (error === undefined || error === null) return {};
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { error: text, error_traceback: String(error.stack ?? text).slice(0, TRACEBACK_CHARS_MAX) };
  } catch {
    return { error: 'an object that has no text' }; // anything can be thrown, and the line must not end the process
  }
}

/** Counts the body of a response. */
function counter(res) {
  let bytes = 0;
  const count = (chunk, encoding) => {
    if (typeof chunk === 'string') bytes += Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding : undefined);
    else if (chunk && typeof chunk !== 'function') bytes += chunk.length;
  };
  const { write, end } = res;
  const hasBody = () => res.req?.method !== 'HEAD' && res.statusCode !== 304;
  res.write = function counted(chunk, encoding, callback) {
    if (hasBody()) count(chunk, encoding);
    return write.call(this, chunk, encoding, callback);
  };
  res.end = function counted(chunk, encoding, callback) {
    if (hasBody()) count(chunk, encoding);
    res.write = write; // end writes, too, and what it writes is counted
    return end.call(this, chunk, encoding, callback);
  };
  return () => bytes;
}

/**
 * A queue of lines before a file descriptor, one write at a time, each on a thread of Node's pool. process.stdout would
 * keep what is not read in memory without a bound.
 */
class Output {
  #fd;
  #lines = [];
  #dropped = 0;
  #writing = false;
  #atExit = false;

  constructor(fd) {
    this.#fd = fd;
    // Once Node has made its stream of stdout, writes to a pipe do not block: a thread that waited in one would hold up
    // process.exit() for as long as nobody reads.
    if (fd === 1) void process.stdout;
  }

  write(line) {
    if (this.#lines.length >= QUEUE_LINES_MAX) {
      this.#dropped++;
      return;
    }
    this.#lines.push(line);
    if (!this.#atExit) {
      this.#atExit = true;
      process.once('exit', () => this.#finish());
    }
    if (!this.#writing) this.#next();
  }

  #next() {
    if (this.#lines.length === 0) {
      this.#writing = false;
      return;
    }
    this.#writing = true;
    this.#put(Buffer.from(this.#take(), 'utf8'));
  }

  /** The lines of one write: all that wait, up to what a pipe holds. */
  #take() {
    let text = '';
    let n = 0;
    while (n < this.#lines.length && (n === 0 || text.length < 32 << 10)) text += this.#lines[n++];
    this.#lines.splice(0, n);
    if (this.#dropped > 0 && this.#lines.length < QUEUE_LINES_MAX / 2) {
      text += `${JSON.stringify({ timestamp: new Date().toISOString(), level: 'WARN',
        message: `request log: ${this.#dropped} lines were dropped: stdout was not read in time` })}\n`;
      this.#dropped = 0;
    }
    return text;
  }

  #put(rest) {
    fs.write(this.#fd, rest, 0, rest.length, null, (err, n) => {
      if (err?.code === 'EAGAIN') setTimeout(() => this.#put(rest), 5);
      else if (err) this.#next(); // nobody reads stdout any more; the application goes on
      else if (n < rest.length) this.#put(rest.subarray(n));
      else this.#next();
    });
  }

  /**
   * What is left when process.exit() ends the process, synchronously; a line that Node's pool is just writing may come
   * behind it. A process that ends by itself has written it all.
   */
  #finish() {
    const until = Date.now() + EXIT_MILLIS_MAX;
    const pause = new Int32Array(new SharedArrayBuffer(4));
    while (this.#lines.length > 0 && Date.now() < until) {
      let rest = Buffer.from(this.#take(), 'utf8');
      while (rest.length > 0 && Date.now() < until) {
        try {
          rest = rest.subarray(fs.writeSync(this.#fd, rest));
        } catch (err) {
          if (err.code !== 'EAGAIN') return;
          Atomics.wait(pause, 0, 0, 5);
        }
      }
    }
  }
}

const stdout = new Output(1);

module.exports = { requestLog, requestId, SKIP, Output };
