package dev.loglake.spring;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;

/**
 * One JSON line per request on stdout, for Spring Boot on servlets. Declare it as a bean, and that is all:
 *
 * <pre>{@code
 * @Bean RequestLogFilter requestLog() { return new RequestLogFilter(); }
 * }</pre>
 *
 * While a request is handled its id is in SLF4J's MDC under {@code request_id}, and {@code request.getAttribute("request_id")}
 * has it. The schema, and what is skipped and dropped, is in contrib/README.md.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class RequestLogFilter extends OncePerRequestFilter {
  /** The name of the request's id in the MDC and among the request's attributes. */
  public static final String REQUEST_ID = "request_id";

  /** Paths that are not printed where they are got without a failure; one with a slash at its end stands for all below it. */
  public static final List<String> SKIP =
      List.of("/health", "/healthz", "/livez", "/readyz", "/ping", "/metrics", "/favicon.ico", "/robots.txt", "/static/", "/assets/");

  private static final int TRACEBACK_CHARS_MAX = 32 << 10;
  private static final Pattern VALID_ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private final List<String> skip;
  private final Function<HttpServletRequest, String> userId;
  private final LineQueue out;

  /** Prints to stdout, skips {@link #SKIP}, and takes the name of the request's principal as the user. */
  public RequestLogFilter() {
    this(SKIP, HttpServletRequest::getRemoteUser, LineQueue.stdout());
  }

  /**
   * @param skip paths that are not printed
   * @param userId gives who made a request when it has ended; null for nobody
   * @param out takes the lines
   */
  public RequestLogFilter(List<String> skip, Function<HttpServletRequest, String> userId, LineQueue out) {
    this.skip = List.copyOf(skip);
    this.userId = userId;
    this.out = out;
  }

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var sent = request.getHeader("X-Request-ID");
    var line = new Line(request, new CountingResponse(response), sent != null && VALID_ID.matcher(sent).matches() ? sent : UUID.randomUUID().toString());
    request.setAttribute(REQUEST_ID, line.id);
    response.setHeader("X-Request-ID", line.id);
    MDC.put(REQUEST_ID, line.id);
    try {
      chain.doFilter(request, line.response);
    } catch (IOException | ServletException | RuntimeException | Error failure) {
      line.failure = failure;
      throw failure;
    } finally {
      MDC.remove(REQUEST_ID);
      if (request.isAsyncStarted()) {
        request.getAsyncContext().addListener(line);
      } else {
        line.print();
      }
    }
  }

  /** A request that is being handled, and the line that it becomes, once. */
  private final class Line implements AsyncListener {
    private final Instant began = Instant.now();
    private final long started = System.nanoTime();
    private final AtomicBoolean printed = new AtomicBoolean();
    private final HttpServletRequest request;
    private final CountingResponse response;
    private final String id;
    private volatile Throwable failure;

    Line(HttpServletRequest request, CountingResponse response, String id) {
      this.request = request;
      this.response = response;
      this.id = id;
    }

    void print() {
      if (!printed.compareAndSet(false, true)) {
        return;
      }
      var cause = cause();
      var left = response.left();
      var status = failure != null && !left ? HttpServletResponse.SC_INTERNAL_SERVER_ERROR : response.getStatus();
      if (!left && skips(status)) {
        return;
      }
      var json = new JsonLine();
      json.add("timestamp", JsonLine.instant(began));
      json.add("level", status >= 500 ? "ERROR" : status >= 400 || left ? "WARN" : "INFO");
      json.add(REQUEST_ID, id);
      json.add("method", request.getMethod());
      json.add("path", request.getRequestURI());
      json.add("route", (String) request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
      json.add("status_code", status);
      json.add("response_time", (System.nanoTime() - started) / 1000 / 1e3);
      json.add("bytes", request.getMethod().equals("HEAD") ? 0 : response.bytes()); // the container sends no body then
      json.add("user_id", user());
      if (cause != null) {
        json.add("error", cause.toString());
        var stack = new StringWriter();
        cause.printStackTrace(new PrintWriter(stack));
        json.add("error_traceback", stack.getBuffer().substring(0, Math.min(stack.getBuffer().length(), TRACEBACK_CHARS_MAX)));
      }
      out.write(json.end());
    }

    /** What ended the request: what came through this filter, or what Spring's handlers took and made an answer of. */
    private Throwable cause() {
      var cause = failure;
      if (cause == null) {
        cause = (Throwable) request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
      }
      if (cause == null && response.getStatus() >= 500) {
        cause = (Throwable) request.getAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE);
      }
      return cause instanceof ServletException && cause.getCause() != null ? cause.getCause() : cause;
    }

    private boolean skips(int status) {
      var method = request.getMethod();
      if (status >= 500 || !method.equals("GET") && !method.equals("HEAD")) {
        return false;
      }
      var path = request.getRequestURI();
      return skip.stream().anyMatch(s -> path.equals(s) || s.endsWith("/") && path.startsWith(s));
    }

    private String user() {
      try {
        return userId.apply(request);
      } catch (RuntimeException e) {
        return null; // who it was must not decide what becomes of the request
      }
    }

    @Override
    public void onComplete(AsyncEvent event) {
      print();
    }

    @Override
    public void onError(AsyncEvent event) {
      failure = event.getThrowable();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      // what becomes of it is up to the application; onComplete comes
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }
}
