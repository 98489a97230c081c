package dev.loglake.example;

import dev.loglake.spring.LineQueue;
import dev.loglake.spring.RequestLogFilter;
import java.util.Map;
import org.slf4j.MDC;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** An application to see the lines of: ask it for /users/7 and /boom. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@RestController
public class Example {
  public static void main(String[] args) {
    SpringApplication.run(Example.class, args);
  }

  @Bean
  RequestLogFilter exampleLog() {
    return new RequestLogFilter(RequestLogFilter.SKIP, request -> request.getHeader("X-User"), LineQueue.stdout());
  }

  @GetMapping("/users/{id}")
  Map<String, String> user(@PathVariable String id) {
    return Map.of("id", id, "request_id", MDC.get("request_id"));
  }

  @GetMapping("/boom")
  String boom() {
    throw new IllegalStateException("no such currency");
  }

  @GetMapping("/healthz")
  String health() {
    return "ok";
  }
}
