import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { AthenaClient, GetQueryExecutionCommand, GetQueryResultsCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

let server, settings;

before(async () => {
  const config = new URL('../loglake.yaml', import.meta.url).pathname;
  server = spawn(process.env.LOGLAKE_BIN ?? 'loglake', ['serve', '--ephemeral', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(server.stdout)) { // it is ready once it has said where it is
    const where = JSON.parse(line);
    settings = { endpoint: where.aws, region: where.region, credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
    break;
  }
});

after(() => server.kill());

async function query(sql) {
  const athena = new AthenaClient(settings);
  const { QueryExecutionId } = await athena.send(new StartQueryExecutionCommand({
    QueryString: sql, ResultConfiguration: { OutputLocation: 's3://my-logs/results/' },
  }));
  let status;
  do {
    await setTimeout(50);
    ({ Status: status } = (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution);
  } while (status.State === 'QUEUED' || status.State === 'RUNNING');
  assert.strictEqual(status.State, 'SUCCEEDED', status.StateChangeReason);
  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
  return ResultSet.Rows.map((row) => row.Data.map((column) => column.VarCharValue));
}

test('a request becomes a row', async () => {
  const logs = new CloudWatchLogsClient(settings);
  const where = { logGroupName: '/app/api', logStreamName: 'test' };
  await logs.send(new CreateLogStreamCommand(where));
  const line = { timestamp: '2025-12-03T10:15:30Z', level: 'ERROR', path: '/api/orders', status_code: 500 };
  await logs.send(new PutLogEventsCommand({ ...where, logEvents: [{ timestamp: Date.now(), message: JSON.stringify(line) }] }));
  assert.deepStrictEqual(await query("SELECT dt, path, status_code FROM server_logs WHERE level = 'ERROR'"),
    [['dt', 'path', 'status_code'], ['2025-12-03', '/api/orders', '500']]);
});
