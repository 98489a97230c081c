package dev.loglake.spring;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.concurrent.atomic.AtomicLong;

/** A response whose body is counted. */
final class CountingResponse extends HttpServletResponseWrapper {
  private final AtomicLong bytes = new AtomicLong();
  private ServletOutputStream stream;
  private PrintWriter writer;

  CountingResponse(HttpServletResponse response) {
    super(response);
  }

  long bytes() {
    if (writer != null) {
      writer.flush();
    }
    return bytes.get();
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    if (stream == null) {
      stream = new CountingStream(super.getOutputStream());
    }
    return stream;
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    if (writer == null) {
      var charset = getCharacterEncoding();
      setCharacterEncoding(charset); // as the servlet's own writer does: from now on it is settled
      writer = new PrintWriter(new OutputStreamWriter(getOutputStream(), Charset.forName(charset)));
    }
    return writer;
  }

  @Override
  public void flushBuffer() throws IOException {
    if (writer != null) {
      writer.flush();
    }
    super.flushBuffer();
  }

  private final class CountingStream extends ServletOutputStream {
    private final ServletOutputStream to;

    CountingStream(ServletOutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      to.write(b);
      bytes.incrementAndGet();
    }

    @Override
    public void write(byte[] b, int from, int length) throws IOException {
      to.write(b, from, length);
      bytes.addAndGet(length);
    }

    @Override
    public void flush() throws IOException {
      to.flush();
    }

    @Override
    public void close() throws IOException {
      to.close();
    }

    @Override
    public boolean isReady() {
      return to.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      to.setWriteListener(listener);
    }
  }
}
