// Java's Jackson: for each hexadecimal line, method, name or URI, and id of each message, as hexadecimal UTF-8.
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

public final class Reader {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static String quoted(String text) {
    return text == null ? "null" : '"' + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)) + '"';
  }

  private static String nameOf(String method, JsonNode params) {
    boolean isUri = method.equals("resources/read");
    if (!isUri && !method.equals("tools/call") && !method.equals("prompts/get")) return null;
    JsonNode name = params.get(isUri ? "uri" : "name");
    if (name == null || !name.isTextual()) throw new IllegalArgumentException("no name");
    return name.textValue();
  }

  private static String identityOf(JsonNode id) {
    if (id == null) return null;
    return id.isTextual() ? "s" + id.textValue() : "n" + id.decimalValue().toString();
  }

  private static String told(String line) throws Exception {
    JsonNode value = MAPPER.readTree(HexFormat.of().parseHex(line));
    List<String> readings = new ArrayList<>();
    for (JsonNode each : value.isArray() ? value : List.of(value)) {
      String method = each.hasNonNull("method") ? each.get("method").textValue() : "";
      String name = nameOf(method, each.path("params"));
      readings.add("[" + quoted(method) + "," + quoted(name) + "," + quoted(identityOf(each.get("id"))) + "]");
    }
    return "[" + String.join(",", readings) + "]";
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String answer;
      try {
        answer = told(line);
      } catch (Exception error) {
        answer = "error " + error.getMessage().replace('\n', ' ');
      }
      out.print(answer + '\n');
    }
    out.flush();
  }
}
