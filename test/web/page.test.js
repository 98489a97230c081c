// The page at the native address, in a real browser, beside a real server: `make web` runs it. It finds the browser by
// CHROMIUM and the program by LOGLAKE (default: bin/loglake). SHOTS names a folder for screenshots.
"use strict";

const { test, before, after } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const path = require("node:path");
const { chromium } = require("playwright-core");

const program = process.env.LOGLAKE || path.join(__dirname, "../../bin/loglake");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const role = "arn:aws:iam::000000000000:role/r";
const hostile = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>";

let server, browser, at;

// call makes a call of a JSON service; the server has no key pairs and takes any signature.
async function call(target, body) {
  const answer = await fetch(at.aws, {
    method: "POST", body: JSON.stringify(body),
    headers: {
      "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1",
    },
  });
  assert.equal(answer.status, 200, target + ": " + await answer.clone().text());
}

const message = (path, status) => JSON.stringify({ timestamp: "2025-12-03T10:15:30Z", level: "INFO", path, status_code: status });

async function makeLake() {
  assert.equal((await fetch(at.aws + "/lake", { method: "PUT" })).status, 200);
  const column = (name, type) => ({ Name: name, Type: type });
  await call("AWSGlue.CreateTable", { DatabaseName: "default", TableInput: {
    Name: "logs", TableType: "EXTERNAL_TABLE", PartitionKeys: [column("dt", "string")],
    StorageDescriptor: {
      Columns: [column("timestamp", "timestamp"), column("level", "string"), column("path", "string"), column("status_code", "int")],
      Location: "s3://lake/data/", InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
      OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
      SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
    },
  } });
  const parameter = (name, value) => [{ ParameterName: name, ParameterValue: value }];
  await call("Firehose_20150804.CreateDeliveryStream", { DeliveryStreamName: "logs", ExtendedS3DestinationConfiguration: {
    RoleARN: role, BucketARN: "arn:aws:s3:::lake", Prefix: "data/dt=!{timestamp:yyyy-MM-dd}/", ErrorOutputPrefix: "rejects/!{firehose:error-output-type}/",
    ProcessingConfiguration: { Enabled: true, Processors: [
      { Type: "Decompression", Parameters: parameter("CompressionFormat", "GZIP") },
      { Type: "CloudWatchLogProcessing", Parameters: parameter("DataMessageExtraction", "true") }] },
    DataFormatConversionConfiguration: {
      SchemaConfiguration: { RoleARN: role, DatabaseName: "default", TableName: "logs" },
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } }, OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
    },
  } });
  await call("Logs_20140328.CreateLogGroup", { logGroupName: "/app/api" });
  await call("Logs_20140328.CreateLogStream", { logGroupName: "/app/api", logStreamName: "i" });
  await call("Logs_20140328.PutSubscriptionFilter", { logGroupName: "/app/api", filterName: "all", filterPattern: "", roleArn: role,
    destinationArn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/logs" });
  await call("Logs_20140328.PutLogEvents", { logGroupName: "/app/api", logStreamName: "i",
    logEvents: [message("/users", 200), message("/orders", 500), message(hostile, 404)].map((m) => ({ timestamp: Date.now(), message: m })) });
}

before(async () => {
  server = spawn(program, ["serve", "--ephemeral"], { stdio: ["ignore", "pipe", "inherit"] });
  at = await new Promise((ready, failed) => {
    let out = "";
    server.on("error", failed);
    server.on("exit", (code) => failed(new Error("the server ended with " + code)));
    server.stdout.on("data", (b) => { out += b; if (out.includes("\n")) ready(JSON.parse(out)); });
  });
  await makeLake();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags });
});

after(async () => {
  await browser?.close();
  server?.removeAllListeners("exit");
  server?.kill();
});

// open gives the page in a window of its own. Any error of its scripts, and any refusal of its policy, fails the test.
async function open(t, { width = 1280, scheme = "light", hash = "" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (e) => errors.push(e.message));
  page.on("console", (m) => { if (m.type() === "error" && !/Failed to load resource/.test(m.text())) errors.push(m.text()); });
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, []);
  });
  await page.goto(at.http + "/" + hash);
  await page.waitForSelector("#streams td.state");
  return page;
}

async function run(page, sql) {
  await page.fill("#sql", sql);
  await page.press("#sql", "Control+Enter");
  await page.waitForSelector("#run:not([disabled])");
}

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((e) => e.textContent));

async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, name + ".png") });
}

test("a query shows its rows, what it scanned, its cost and its time", async (t) => {
  const page = await open(t);
  await run(page, "SELECT path, status_code, CAST(NULL AS varchar) AS nothing\nFROM logs WHERE status_code < 500 ORDER BY status_code");
  assert.deepEqual(await texts(page, "#result th"), ["pathvarchar", "status_codeinteger", "nothingvarchar"]);
  assert.deepEqual(await texts(page, "#result tbody tr:first-child td"), ["/users", "200", "NULL"]);
  assert.equal(await page.getAttribute("#result tbody td:nth-child(2)", "class"), "num");
  assert.match(await page.textContent("#summary"), /^2 rows · .* scanned · \$0\.000048 on AWS · [0-9.]+ s$/);
  await shot(page, "query");
});

test("a result of more rows than are shown says so", async (t) => {
  const page = await open(t);
  await run(page, "SELECT a.path FROM logs a, logs b, logs c, logs d, logs e, logs f, logs g");
  assert.equal((await texts(page, "#result tbody tr")).length, 1000);
  assert.match(await page.textContent("#summary"), /^the first 1,000 rows; there are more/);
});

test("an error marks its place, in the box too", async (t) => {
  const page = await open(t);
  await run(page, "SELECT path\nFROM logs\nWHERE timestamp = '2025-12-03 10:15:30'");
  assert.match(await page.textContent("#failure"), /TYPE_MISMATCH.*timestamp '2025-12-03 10:15:30'/s);
  assert.equal(await page.textContent("#failure mark"), "=");
  assert.equal(await page.$eval("#sql", (e) => e.value.slice(e.selectionStart, e.selectionEnd)), "=");
  assert.equal(await page.isVisible("#result"), false);
  await shot(page, "error");
  await run(page, "SELEC 1");
  assert.equal(await page.textContent("#failure mark"), "SELEC");
  await run(page, "SELECT 1 AS x");
  assert.equal(await page.textContent("#failure"), "");
});

test("what the lake holds is text, whatever it says", async (t) => {
  const page = await open(t);
  await run(page, "SELECT path AS \"" + hostile.replaceAll("\"", "\"\"") + "\" FROM logs WHERE status_code = 404");
  assert.deepEqual(await texts(page, "#result td"), [hostile]);
  assert.equal((await texts(page, "#result th"))[0], hostile.toLowerCase() + "varchar");
  await run(page, "SELECT " + "\"" + hostile.replaceAll("\"", "\"\"") + "\" FROM logs");
  assert.match(await page.textContent("#failure"), /<img src=x/);
  assert.equal(await page.$("main img, main script"), null);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test("a running query is cancelled, by the button and by Escape", async (t) => {
  const page = await open(t);
  const long = "SELECT count(*) FROM " + Array.from({ length: 24 }, (_, i) => "logs t" + i).join(", ");
  for (const cancel of [() => page.click("#cancel"), () => page.keyboard.press("Escape")]) {
    await page.fill("#sql", long);
    await page.press("#sql", "Control+Enter");
    await page.waitForSelector("#cancel:not([hidden])");
    await cancel();
    await page.waitForSelector("#run:not([disabled])");
    assert.match(await page.textContent("#summary"), /^cancelled after/);
  }
  await run(page, "SELECT 1 AS x"); // the server has slots free
  assert.match(await page.textContent("#summary"), /^1 row/);
});

test("tables, streams and groups are there, and go on by themselves", async (t) => {
  const page = await open(t);
  assert.deepEqual((await texts(page, "#streams tbody td")).slice(0, 3), ["logs", "ok", "3"]);
  assert.equal((await texts(page, "#groups tbody td"))[0], "/app/api");
  await page.click("#tables button");
  assert.equal(await page.inputValue("#sql"), "SELECT * FROM default.logs LIMIT 20");
  assert.equal(await page.evaluate(() => document.activeElement.id), "sql");
  await page.click("#tables summary");
  assert.deepEqual(await texts(page, "#tables details li:first-child span"), ["timestamp", "timestamp"]);
  const flush = await fetch(at.http + "/v1/streams/logs/flush", { method: "POST" });
  assert.equal(flush.status, 200);
  await page.waitForFunction(() => document.querySelector("#streams tbody tr td:nth-child(3)").textContent === "0");
  assert.match((await texts(page, "#streams tbody td"))[4], /3 rows$/);
  await shot(page, "state");
});

test("the ledger says that it balances, and shows the account that does not", async (t) => {
  const page = await open(t);
  assert.match(await page.textContent("#verdict"), /^balanced · \d+ accounts, every event is in its place$/);
  assert.equal(await page.isVisible("#accounts"), false);
  await page.click("#ask");
  assert.match(await page.inputValue("#sql"), /FROM loglake\.ledger/);
  await page.press("#sql", "Control+Enter");
  await page.waitForSelector("#run:not([disabled])");
  assert.match(await page.textContent("#summary"), /^\d+ rows · 0 bytes scanned/);
  assert.ok((await texts(page, "#result tbody td:first-child")).includes("subscription"));
  await page.route("**/v1/status*", async (r) => {
    const answer = await r.fetch();
    const status = await answer.json();
    status.ledger = { balanced: false, rows: 4, unbalanced: [{ kind: "group", log_group: hostile, difference: 7, problem: "9 accepted events are not 2 retained" }] };
    await r.fulfill({ response: answer, json: status });
  });
  await page.waitForSelector("#accounts:not([hidden])");
  assert.match(await page.textContent("#verdict"), /^not balanced · 4 accounts/);
  assert.deepEqual(await texts(page, "#ledger tbody td"), ["group " + hostile, "7", "9 accepted events are not 2 retained"]);
  await shot(page, "ledger");
});

test("the statement is in the address, and a reload keeps it", async (t) => {
  const page = await open(t, { hash: "#" + encodeURIComponent("SELECT 'é#%' AS x") });
  assert.equal(await page.inputValue("#sql"), "SELECT 'é#%' AS x");
  await run(page, "SELECT 2 AS y");
  await page.reload();
  assert.equal(await page.inputValue("#sql"), "SELECT 2 AS y");
});

test("a phone needs no sideways scrolling, and the keyboard reaches everything", async (t) => {
  const page = await open(t, { width: 360, scheme: "dark" });
  await run(page, "SELECT * FROM logs");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
  await shot(page, "phone-dark");
  const reached = new Set();
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.parentElement?.closest("[id]")?.id || ""));
  }
  for (const id of ["run", "result", "tables"]) assert.ok(reached.has(id), id + " is not reached by Tab, only " + [...reached]);
  for (const field of await page.$$("textarea, button, [role=region]")) {
    const name = await field.evaluate((e) => e.labels?.[0]?.textContent || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent);
    assert.notEqual(name.trim(), "");
  }
});

test("a server that goes away is told of", async (t) => {
  const page = await open(t);
  await page.route("**/v1/**", (r) => r.abort());
  await page.waitForSelector("#away:not([hidden])");
  await run(page, "SELECT 1");
  assert.match(await page.textContent("#failure"), /does not answer/);
});
