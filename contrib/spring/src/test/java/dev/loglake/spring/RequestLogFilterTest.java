package dev.loglake.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.DelegatingServletOutputStream;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class RequestLogFilterTest {
  private static final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private static final LineQueue out = new LineQueue(written);

  @LocalServerPort int port;
  @Autowired Application application;

  @SpringBootApplication
  @RestController
  static class Application {
    @Bean
    RequestLogFilter requestLog() {
      return new RequestLogFilter(RequestLogFilter.SKIP, request -> request.getHeader("X-User"), out);
    }

    @GetMapping("/users/{id}")
    String user(@PathVariable String id) {
      return "hällo " + MDC.get("request_id");
    }

    @GetMapping("/later")
    Callable<String> later() {
      return () -> "12345";
    }

    @GetMapping("/healthz")
    ResponseEntity<String> health(@RequestParam(required = false) String broken) {
      return ResponseEntity.status(broken == null ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE).build();
    }

    @GetMapping("/boom")
    String boom() {
      throw new IllegalStateException("no such \"currency\"\n");
    }
  }

  @BeforeEach
  void forget() {
    out.flush(60_000);
    written.reset();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).header("X-User", "u-1");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The lines, once there are n: a line is printed after the answer was sent. */
  private List<JsonNode> lines(int n) throws Exception {
    var lines = new ArrayList<JsonNode>();
    for (var until = System.nanoTime() + 30_000_000_000L; lines.size() < n && System.nanoTime() < until; Thread.onSpinWait()) {
      lines.clear();
      for (var text : written.toString("UTF-8").split("(?<=\n)")) {
        if (text.endsWith("\n")) {
          lines.add(new ObjectMapper().readTree(text));
        }
      }
    }
    assertThat(lines).hasSize(n);
    return lines;
  }

  @Test
  void aRequest() throws Exception {
    var answer = get("/users/7?token=secret", "X-Request-ID", "caller-1");
    assertThat(answer.headers().allValues("X-Request-ID")).containsExactly("caller-1");
    assertThat(answer.body()).isEqualTo("hällo caller-1");
    var line = lines(1).get(0);
    assertThat(line.get("timestamp").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(line.get("level").textValue()).isEqualTo("INFO");
    assertThat(line.get("request_id").textValue()).isEqualTo("caller-1");
    assertThat(line.get("method").textValue()).isEqualTo("GET");
    assertThat(line.get("path").textValue()).isEqualTo("/users/7");
    assertThat(line.get("route").textValue()).isEqualTo("/users/{id}");
    assertThat(line.get("status_code").intValue()).isEqualTo(200);
    assertThat(line.get("response_time").isNumber()).isTrue();
    assertThat(line.get("bytes").intValue()).isEqualTo(answer.body().getBytes("UTF-8").length);
    assertThat(line.get("user_id").textValue()).isEqualTo("u-1");
    assertThat(line.has("error")).isFalse();
  }

  @Test
  void whatIsSkipped() throws Exception {
    get("/healthz");
    get("/static/x.css");
    get("/healthz?broken=1");
    var line = lines(1).get(0);
    assertThat(line.get("status_code").intValue()).isEqualTo(503);
    assertThat(line.get("level").textValue()).isEqualTo("ERROR");
  }

  @Test
  void failures() throws Exception {
    assertThat(get("/boom").statusCode()).isEqualTo(500);
    get("/missing");
    var lines = lines(2);
    var boom = lines.get(0);
    assertThat(boom.get("status_code").intValue()).isEqualTo(500);
    assertThat(boom.get("error").textValue()).isEqualTo("java.lang.IllegalStateException: no such \"currency\"\n");
    assertThat(boom.get("error_traceback").textValue()).contains("RequestLogFilterTest");
    assertThat(lines.get(1).get("status_code").intValue()).isEqualTo(404);
    assertThat(lines.get(1).get("level").textValue()).isEqualTo("WARN");
  }

  @Test
  void anAnswerThatComesLater() throws Exception {
    assertThat(get("/later").body()).isEqualTo("12345");
    var line = lines(1).get(0);
    assertThat(line.get("bytes").intValue()).isEqualTo(5);
    assertThat(line.get("status_code").intValue()).isEqualTo(200);
  }

  @Test
  void anAnswerToHead() throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/users/7")).method("HEAD", HttpRequest.BodyPublishers.noBody());
    assertThat(HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString()).body()).isEmpty();
    var line = lines(1).get(0);
    assertThat(line.get("method").textValue()).isEqualTo("HEAD");
    assertThat(line.get("bytes").intValue()).isZero();
  }

  /** A client that goes while it is answered is no failure of the application. */
  @Test
  void aClientThatLeaves() throws Exception {
    var response = new MockHttpServletResponse() {
      @Override
      public ServletOutputStream getOutputStream() {
        return new DelegatingServletOutputStream(new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        });
      }
    };
    FilterChain chain = (request, to) -> to.getOutputStream().write(new byte[9]);
    assertThatThrownBy(() -> application.requestLog().doFilter(new MockHttpServletRequest("GET", "/static/large"), response, chain))
        .isInstanceOf(IOException.class);
    var line = lines(1).get(0);
    assertThat(line.get("level").textValue()).isEqualTo("WARN");
    assertThat(line.get("status_code").intValue()).isEqualTo(200);
    assertThat(line.get("bytes").intValue()).isZero();
  }

  @Test
  void requestIds() throws Exception {
    assertThat(get("/later", "X-Request-ID", "a.B_9-z").headers().firstValue("X-Request-ID")).contains("a.B_9-z");
    assertThat(get("/later", "X-Request-ID", "two words").headers().firstValue("X-Request-ID").orElseThrow()).hasSize(36);
    lines(2);
  }

  /** A stdout that nobody reads holds no request up; what does not fit is counted, and said once there is room. */
  @Test
  void aSlowOutput() throws Exception {
    var open = new CountDownLatch(1);
    var text = new ByteArrayOutputStream();
    var queue = new LineQueue(new OutputStream() {
      @Override
      public void write(int b) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void write(byte[] line) {
        try {
          open.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        text.writeBytes(line);
      }
    });
    for (int i = 0; i < 10_100; i++) {
      queue.write("x\n".getBytes());
    }
    assertThat(queue.flush(1)).isFalse();
    open.countDown();
    assertThat(queue.flush(60_000)).isTrue();
    var lines = text.toString().split("\n");
    var said = List.of(lines).stream().filter(line -> line.startsWith("{")).toList();
    assertThat(said).hasSize(1);
    assertThat(said.get(0)).containsPattern("request log: (99|100) lines were dropped");
    assertThat(lines.length - 1).isBetween(10_000, 10_001);
  }
}
