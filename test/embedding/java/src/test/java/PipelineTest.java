import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.athena.AthenaClient;
import software.amazon.awssdk.services.athena.model.Datum;
import software.amazon.awssdk.services.athena.model.QueryExecutionState;
import software.amazon.awssdk.services.athena.model.QueryExecutionStatus;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;

class PipelineTest {
  private static Process server;
  private static String where;

  @BeforeAll
  static void start() throws IOException {
    var binary = System.getenv().getOrDefault("LOGLAKE_BIN", "loglake");
    server = new ProcessBuilder(binary, "serve", "--ephemeral", "--config", "../loglake.yaml").redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var line = server.inputReader().readLine(); // it is ready once it has said where it is
    var aws = Pattern.compile("\"aws\":\"([^\"]+)\"").matcher(line);
    aws.find();
    where = aws.group(1);
  }

  @AfterAll
  static void stop() {
    server.destroy();
  }

  private static <B extends AwsClientBuilder<B, C>, C> C client(B builder) {
    return builder.endpointOverride(URI.create(where)).region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"))).build();
  }

  private static List<List<String>> query(String sql) throws InterruptedException {
    try (var athena = client(AthenaClient.builder())) {
      var id = athena.startQueryExecution(r -> r.queryString(sql).resultConfiguration(c -> c.outputLocation("s3://my-logs/results/"))).queryExecutionId();
      QueryExecutionStatus status;
      do {
        Thread.sleep(50);
        status = athena.getQueryExecution(r -> r.queryExecutionId(id)).queryExecution().status();
      } while (status.state() == QueryExecutionState.QUEUED || status.state() == QueryExecutionState.RUNNING);
      assertEquals(QueryExecutionState.SUCCEEDED, status.state(), status.stateChangeReason());
      return athena.getQueryResults(r -> r.queryExecutionId(id)).resultSet().rows().stream()
          .map(row -> row.data().stream().map(Datum::varCharValue).toList()).toList();
    }
  }

  @Test
  void aRequestBecomesARow() throws InterruptedException {
    try (var logs = client(CloudWatchLogsClient.builder())) {
      logs.createLogStream(r -> r.logGroupName("/app/api").logStreamName("test"));
      var line = """
          {"timestamp": "2025-12-03T10:15:30Z", "level": "ERROR", "path": "/api/orders", "status_code": 500}""";
      logs.putLogEvents(r -> r.logGroupName("/app/api").logStreamName("test")
          .logEvents(e -> e.timestamp(System.currentTimeMillis()).message(line)));
    }
    assertEquals(List.of(List.of("dt", "path", "status_code"), List.of("2025-12-03", "/api/orders", "500")),
        query("SELECT dt, path, status_code FROM server_logs WHERE level = 'ERROR'"));
  }
}
