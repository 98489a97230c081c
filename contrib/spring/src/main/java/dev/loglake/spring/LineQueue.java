package dev.loglake.spring;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A queue of lines before a stream, and the thread that writes them. {@link #write} never waits. */
public final class LineQueue {
  private static final int LINES_MAX = 10_000;
  private static final long EXIT_MILLIS_MAX = 2_000;

  private final OutputStream out;
  private final ArrayBlockingQueue<byte[]> lines = new ArrayBlockingQueue<>(LINES_MAX);
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong unwritten = new AtomicLong();

  /** Makes a queue before out, with its thread, which ends with the process. */
  public LineQueue(OutputStream out) {
    this.out = out;
    var thread = new Thread(this::work, "request-log");
    thread.setDaemon(true);
    thread.start();
  }

  /** A queue before the process's stdout, which what is left is written to when the process ends, for two seconds at most. */
  public static LineQueue stdout() {
    var queue = new LineQueue(new FileOutputStream(FileDescriptor.out));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> queue.flush(EXIT_MILLIS_MAX), "request-log-flush"));
    return queue;
  }

  /** Takes a line, or counts it as dropped where the queue is full. */
  public void write(byte[] line) {
    unwritten.incrementAndGet();
    if (!lines.offer(line)) {
      unwritten.decrementAndGet();
      dropped.incrementAndGet();
    }
  }

  /** Waits until all lines are written, but no longer than so many milliseconds; tells whether they are. */
  public synchronized boolean flush(long millis) {
    var until = System.nanoTime() + millis * 1_000_000;
    try {
      for (long left = millis; unwritten.get() > 0 && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return unwritten.get() == 0;
  }

  private void work() {
    try {
      while (true) {
        put(lines.take());
        if (lines.size() <= LINES_MAX / 2) {
          tell(dropped.getAndSet(0));
        }
        synchronized (this) {
          unwritten.decrementAndGet();
          notifyAll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(long lost) {
    if (lost == 0) {
      return;
    }
    var json = new JsonLine();
    json.add("timestamp", JsonLine.instant(Instant.now()));
    json.add("level", "WARN");
    json.add("message", "request log: " + lost + " lines were dropped: stdout was not read in time");
    put(json.end());
  }

  private void put(byte[] line) {
    try {
      out.write(line);
    } catch (IOException e) {
      // nobody reads stdout any more; the application goes on
    }
  }
}
