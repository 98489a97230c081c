// The page of a loglake: runs SQL by POST v1/query and shows GET v1/status. What comes from the server is only ever put
// in as text (textContent): log lines are written by strangers.
"use strict";

const rowsShown = 1000; // of a result
const statusEvery = 2000; // milliseconds
const statusLimit = 200; // groups, streams and tables

const at = (id) => document.getElementById(id);

// make builds an element: make("td", {class: "num"}, "text", child, …).
function make(tag, attributes, ...content) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) e.setAttribute(name, value);
  e.append(...content);
  return e;
}

// Numbers for people.
const grouped = (n) => Number(n).toLocaleString("en-US");
const counted = (n, what) => grouped(n) + " " + what + (n === 1 ? "" : "s");

function size(bytes) {
  if (bytes < 1000) return counted(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB"];
  let i = -1;
  do { bytes /= 1000; i++; } while (bytes >= 1000 && i < units.length - 1);
  return bytes.toFixed(1) + " " + units[i];
}

function span(seconds) {
  if (seconds < 60) return Math.floor(seconds) + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min";
  if (seconds < 172800) return Math.floor(seconds / 3600) + " h";
  return Math.floor(seconds / 86400) + " days";
}

function ago(now, then) {
  if (!then) return "–";
  const seconds = (Date.parse(now) - Date.parse(then)) / 1000;
  return seconds < 1 ? "now" : span(seconds) + " ago";
}

// money is what AWS bills: $5 per TB, in whole MB, 10 of them at least.
function money(stats) {
  if (stats.statement && stats.statement !== "DML") return "";
  const megabytes = Math.max(10, Math.ceil(stats.scanned_bytes / 1048576));
  const dollars = megabytes / 1048576 * 5;
  return "$" + dollars.toFixed(dollars < 0.01 ? 6 : 2);
}

// ---- the query ----

let running = null; // the AbortController of the query that runs

const isNumber = (type) => /^(tinyint|smallint|integer|int|bigint|double|real|float|decimal)/.test(type);

async function run() {
  const sql = at("sql").value;
  if (running || sql.trim() === "") return;
  history.replaceState(null, "", "#" + encodeURIComponent(sql));
  running = new AbortController();
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1) + " s";
  at("run").disabled = true;
  at("cancel").hidden = false;
  at("failure").replaceChildren();
  at("result").hidden = true;
  at("summary").textContent = "running …";
  try {
    const answer = await fetch("v1/query", {
      method: "POST", headers: { "Content-Type": "application/json" }, signal: running.signal,
      body: JSON.stringify({ sql, rows_max: rowsShown }),
    });
    await show(answer, sql);
  } catch (err) {
    at("summary").textContent = "";
    if (err.name === "AbortError") at("summary").textContent = "cancelled after " + seconds();
    else fail({ code: "", message: "The server does not answer: " + err.message }, sql);
  } finally {
    running = null;
    at("run").disabled = false;
    at("cancel").hidden = true;
  }
}

// lines gives the lines of a body as they come.
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += value || "";
    const parts = rest.split("\n");
    rest = done ? "" : parts.pop();
    for (const line of parts) if (line.trim() !== "") yield line;
    if (done) return;
  }
}

// show writes the result of a query as it comes in.
async function show(answer, sql) {
  let columns = [], body = null, rows = 0, ended = false;
  for await (const line of lines(answer.body)) {
    const said = JSON.parse(line);
    if (said.columns) {
      columns = said.columns;
      body = begin(columns);
    } else if (said.row) {
      if (rows++ < rowsShown) body.append(rowOf(columns, said.row));
      if (rows % 100 === 0) at("summary").textContent = "running …, " + counted(rows, "row");
    } else if (said.statistics) {
      ended = true;
      finish(said.statistics, columns.length);
    } else if (said.error) {
      ended = true;
      at("summary").textContent = "";
      at("result").hidden = true;
      fail(typeof said.error === "string" ? { message: said.error, hint: said.hint } : said.error, sql);
    }
  }
  if (!ended) fail({ message: "The answer ended early: the server stopped, or the connection broke." }, sql);
}

// begin makes an empty result table.
function begin(columns) {
  const head = make("tr");
  for (const c of columns) {
    head.append(make("th", { scope: "col", class: isNumber(c.type) ? "num" : "" }, c.name, make("small", {}, c.type)));
  }
  const body = make("tbody");
  at("result").replaceChildren(make("table", {}, make("thead", {}, head), body));
  at("result").hidden = columns.length === 0;
  at("result").scrollTop = 0;
  return body;
}

function rowOf(columns, values) {
  const row = make("tr");
  values.forEach((value, i) => {
    const kind = (isNumber(columns[i].type) ? "num" : "") + (value === null ? " null" : "");
    row.append(make("td", { class: kind }, make("div", {}, value === null ? "NULL" : value)));
  });
  return row;
}

function finish(stats, columns) {
  const parts = [];
  if (stats.truncated) parts.push("the first " + counted(stats.rows, "row") + "; there are more");
  else if (columns > 0) parts.push(counted(stats.rows, "row"));
  else parts.push("done");
  parts.push(size(stats.scanned_bytes) + " scanned");
  const cost = money(stats);
  if (cost) parts.push(cost + " on AWS");
  parts.push((stats.total_ms / 1000).toFixed(2) + " s");
  at("summary").textContent = parts.concat(stats.notices || []).join(" · ");
}

// fail shows an error, and where in the SQL it is.
function fail(error, sql) {
  const box = at("failure");
  box.replaceChildren(make("p", {}, make("strong", {}, error.code || "Failed"), " ", error.message || ""));
  if (error.hint) box.append(make("p", {}, error.hint));
  if (!error.line) return;
  const all = sql.split("\n"), text = [...(all[error.line - 1] || "")], from = Math.max((error.column || 1) - 1, 0);
  const word = text.slice(from).join("").match(/^(\w+|.)/u);
  const length = word ? [...word[0]].length : 0;
  box.append(make("pre", {}, text.slice(0, from).join(""),
    make("mark", {}, length ? text.slice(from, from + length).join("") : " "), text.slice(from + length).join("")));
  const before = all.slice(0, error.line - 1).join("\n").length + (error.line > 1 ? 1 : 0) + text.slice(0, from).join("").length;
  at("sql").focus();
  at("sql").setSelectionRange(before, before + text.slice(from, from + length).join("").length);
}

at("form").addEventListener("submit", (e) => { e.preventDefault(); run(); });
at("cancel").addEventListener("click", () => running && running.abort());
document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target === at("sql")) { e.preventDefault(); run(); }
  if (e.key === "Escape" && running) running.abort();
});

// The last statement is in the address: a reload keeps it, and it can be sent to somebody.
function fromAddress() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
}
at("sql").value = fromAddress();
window.addEventListener("hashchange", () => { at("sql").value = fromAddress(); });

// ---- the state ----

// ident writes a name as SQL does.
const ident = (name) => /^[a-z][a-z0-9_]*$/.test(name) ? name : '"' + name.replaceAll('"', '""') + '"';

let drawn = {}; // what is on the page, so that what is the same is left alone, with its focus

// draw fills a place anew where its content has changed.
function draw(id, content, build) {
  const key = JSON.stringify(content);
  if (drawn[id] === key) return;
  drawn[id] = key;
  at(id).replaceChildren(...build(content));
}

function tableItems(tables) {
  if (tables.length === 0) return [make("li", { class: "empty" }, "no tables yet")];
  return tables.map((t) => {
    const sql = "SELECT * FROM " + ident(t.database) + "." + ident(t.name) + " LIMIT 20";
    const button = make("button", { type: "button", "aria-label": "Query " + t.database + "." + t.name },
      t.database + "." + t.name, make("small", {}, counted(t.rows, "row") + ", " + size(t.bytes)));
    button.addEventListener("click", () => { at("sql").value = sql; at("sql").focus(); });
    const columns = make("ul");
    for (const c of t.columns) columns.append(make("li", {}, make("span", {}, c.name), make("span", {}, c.type)));
    return make("li", {}, button, make("details", {}, make("summary", {}, counted(t.columns.length, "column")), columns));
  });
}

// rows builds the head and body of a table of the state.
function rows(head, body, none) {
  if (body.length === 0) return [make("tbody", {}, make("tr", {}, make("td", { class: "empty" }, none)))];
  const cells = head.map((h) => make("th", { scope: "col", class: h.num ? "num" : "" }, h.name || h));
  return [make("thead", {}, make("tr", {}, ...cells)), make("tbody", {}, ...body)];
}

const cell = (text, kind) => make("td", { class: kind || "" }, text);
const num = (name) => ({ name, num: true });

function streamRows(streams) {
  const body = [];
  for (const s of streams) {
    const object = s.last ? s.last + ", " + counted(s.lastRows, "row") : "–";
    body.push(make("tr", {}, cell(s.name, "name"), cell(s.state, "state " + s.state), cell(grouped(s.lag), "num"),
      cell(s.buffered, "num"), cell(object), cell(grouped(s.delivered), "num"), cell(grouped(s.rejected), "num"), cell(s.to, "name")));
    if (s.why) body.push(make("tr", { class: "why" }, make("td", { colspan: "8" }, make("div", {}, s.why))));
  }
  return rows(["name", "state", num("lag"), num("buffered"), "last object", num("delivered"), num("rejected"), "to"], body, "no delivery streams yet");
}

function groupRows(groups) {
  const body = groups.map((g) => make("tr", {}, cell(g.name, "name"), cell(g.kept, "num"), cell(grouped(g.events), "num"),
    cell(size(g.bytes), "num"), cell(g.last, "num"), cell(g.to)));
  return rows(["name", num("kept"), num("events"), num("on disk"), num("last event"), "goes to"], body, "no log groups yet");
}

// ledgerQuery shows every account.
const ledgerQuery = "SELECT kind, log_group, filter, stream, target_group, accepted, retained, expired, deleted,\n" +
  "  events, unmatched, delivered, rejects, buffered, late, balanced\nFROM loglake.ledger WHERE NOT ended";
at("ask").addEventListener("click", () => { at("sql").value = ledgerQuery; at("sql").focus(); });

// account is the name of a row of the ledger.
const account = (r) => [r.kind, r.log_group, r.filter, r.stream, r.target_group].filter((x) => x).join(" ");

function ledgerRows(unbalanced) {
  const body = unbalanced.map((r) => make("tr", {}, cell(account(r), "name"), cell(grouped(r.difference), "num held"), make("td", {}, make("div", {}, r.problem))));
  return rows(["account", num("out by"), "why"], body, "nothing is out");
}

function showLedger(l) {
  at("verdict").className = l.balanced ? "state ok" : "state held";
  const more = l.balanced ? "every event is in its place" : "docs/ledger.md says what to do";
  const text = (l.balanced ? "balanced" : "not balanced") + " · " + counted(l.rows, "account") + ", " + more;
  if (at("verdict").textContent !== text) at("verdict").textContent = text; // or it would be read out again and again
  at("accounts").hidden = l.balanced;
  draw("ledger", l.unbalanced, ledgerRows);
}

function failure(now, t) {
  return t.failure && t.failing_since ? "failing since " + ago(now, t.failing_since) + ": " + t.failure : t.failure;
}

function showStatus(s) {
  const v = s.server;
  at("server").textContent = [v.version, v.account + " in " + v.region, "up " + span(v.uptime_seconds), size(v.journal_bytes) + " in journals",
    v.free_bytes === undefined ? "" : size(v.free_bytes) + " free", v.engine ? "" : "no SQL engine"].filter((x) => x).join(" · ");
  draw("tables", s.tables.map((t) => ({ database: t.database, name: t.name, rows: t.rows, bytes: t.bytes, columns: t.columns.concat(t.partition_keys) })), tableItems);
  draw("streams", s.streams.map((t) => ({
    name: t.name, state: t.state, lag: t.backlog_events, delivered: t.delivered, rejected: t.rejected,
    buffered: t.hot_bytes ? size(t.hot_bytes) + ", " + span(Math.max((Date.parse(v.now) - Date.parse(t.oldest_record || v.now)) / 1000, 0)) : "–",
    last: t.last_object ? ago(v.now, t.last_object.at) : "", lastRows: t.last_object ? t.last_object.rows : 0,
    to: t.table || "s3://" + t.bucket + "/" + t.prefix, why: t.held || failure(v.now, t) || t.mistake || (t.state === "warned" ? "all that waits in its buffer will be rejected: " + t.refusal : ""),
  })), streamRows);
  draw("groups", s.groups.map((g) => ({
    name: g.name, kept: g.retention_days ? counted(g.retention_days, "day") : "for ever", events: g.events, bytes: g.bytes, last: ago(v.now, g.last_event),
    to: g.filters.map((f) => f.destination + (f.missing ? " (gone)" : f.lag_events ? " (" + grouped(f.lag_events) + " behind)" : "")).join(", ") || "–",
  })), groupRows);
  showLedger(s.ledger);
}

async function refresh() {
  try {
    if (document.visibilityState !== "visible") return;
    const answer = await fetch("v1/status?limit=" + statusLimit);
    if (!answer.ok) throw new Error(answer.statusText);
    showStatus(await answer.json());
    at("away").hidden = true;
  } catch {
    at("away").textContent = "the server does not answer";
    at("away").hidden = false;
  } finally {
    setTimeout(refresh, statusEvery);
  }
}
refresh();
