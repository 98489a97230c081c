package dev.loglake.spring;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.util.concurrent.atomic.AtomicLong;

/** A response whose body is counted, and which knows when nobody takes it any more. */
final class CountingResponse extends HttpServletResponseWrapper {
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean left;
  private ServletOutputStream stream;
  private PrintWriter writer;

  CountingResponse(HttpServletResponse response) {
    super(response);
  }

  long bytes() {
    return bytes.get();
  }

  /** Whether the body could not be sent: the client has gone. */
  boolean left() {
    return left;
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
      var to = super.getWriter();
      writer = new PrintWriter(new CountingWriter(to, Charset.forName(getCharacterEncoding())));
    }
    return writer;
  }

  /** Hands everything on at once: the servlet container flushes its own writer when a request has ended, and not this one. */
  private final class CountingWriter extends Writer {
    private final PrintWriter to;
    private final Charset charset;

    CountingWriter(PrintWriter to, Charset charset) {
      this.to = to;
      this.charset = charset;
    }

    @Override
    public void write(char[] text, int from, int length) {
      to.write(text, from, length);
      bytes.addAndGet(charset.encode(CharBuffer.wrap(text, from, length)).remaining());
    }

    @Override
    public void flush() {
      to.flush();
    }

    @Override
    public void close() {
      to.close();
    }
  }

  private final class CountingStream extends ServletOutputStream {
    private final ServletOutputStream to;

    CountingStream(ServletOutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      try {
        to.write(b);
      } catch (IOException e) {
        left = true;
        throw e;
      }
      bytes.incrementAndGet();
    }

    @Override
    public void write(byte[] b, int from, int length) throws IOException {
      try {
        to.write(b, from, length);
      } catch (IOException e) {
        left = true;
        throw e;
      }
      bytes.addAndGet(length);
    }

    @Override
    public void flush() throws IOException {
      try {
        to.flush();
      } catch (IOException e) {
        left = true;
        throw e;
      }
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
