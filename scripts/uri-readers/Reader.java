// What java.net.URI reads in each URI, one a line in hex of UTF-16: parts in hex, or "null" where it refuses.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.HexFormat;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;

public class Reader {
  static String part(Object value) {
    String text = value == null ? "" : value.toString();
    return "x" + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_16BE));
  }

  static String read(String text) {
    try {
      URI uri = new URI(text).normalize();
      String scheme = uri.getScheme() == null ? null : uri.getScheme().toLowerCase(Locale.ROOT);
      String host = uri.getHost() == null ? uri.getAuthority() : uri.getHost().toLowerCase(Locale.ROOT);
      String path = uri.isOpaque() ? uri.getSchemeSpecificPart() : uri.getPath();
      Object[] parts = {scheme, host, uri.getPort() < 0 ? "" : uri.getPort(), path, uri.getRawQuery()};
      return Arrays.stream(parts).map(Reader::part).collect(Collectors.joining(","));
    } catch (URISyntaxException refused) {
      return "null";
    }
  }

  public static void main(String[] args) throws Exception {
    System.out.println(System.getProperty("java.version"));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(read(new String(HexFormat.of().parseHex(line), StandardCharsets.UTF_16BE)));
    }
  }
}
