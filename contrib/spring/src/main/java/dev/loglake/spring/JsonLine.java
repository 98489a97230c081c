package dev.loglake.spring;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** One JSON object on a line of its own. Members without a value are left out. */
final class JsonLine {
  private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final StringBuilder text = new StringBuilder(256).append('{');

  static String instant(Instant at) {
    return INSTANT.format(at);
  }

  void add(String name, String value) {
    if (value != null) {
      name(name);
      quote(value);
    }
  }

  void add(String name, long value) {
    name(name);
    text.append(value);
  }

  void add(String name, double value) {
    name(name);
    text.append(value);
  }

  byte[] end() {
    return text.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private void name(String name) {
    if (text.length() > 1) {
      text.append(',');
    }
    quote(name);
    text.append(':');
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < ' ') {
            text.append(String.format("\\u%04x", (int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
