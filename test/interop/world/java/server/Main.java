import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.CreateMessageRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.Role;
import io.modelcontextprotocol.spec.McpSchema.SamplingMessage;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.catalina.startup.Tomcat;

/** The tools of the table on the Java SDK's stack with sessions: {@code Main PORT}, on loopback. */
public final class Main {

    private static final Map<String, Object> NUMBER = Map.of("type", "integer");
    private static final Map<String, Object> TEXT = Map.of("type", "string");

    private interface Handler extends BiFunction<McpSyncServerExchange, CallToolRequest, CallToolResult> {}

    public static void main(String[] arguments) throws Exception {
        var transport = HttpServletStreamableServerTransportProvider.builder().mcpEndpoint("/mcp").build();
        McpServer.SyncSpecification<?> server = McpServer.sync(transport)
            .serverInfo(Implementation.builder("world-java", "1").build())
            .requestTimeout(Duration.ofSeconds(30))
            .capabilities(ServerCapabilities.builder().tools(false).build());
        tool(server, "echo", "Says it again", Map.of("text", TEXT), (exchange, call) -> text(stringOf(call, "text")));
        tool(server, "count", "Reports each step", Map.of("steps", NUMBER, "delay_ms", NUMBER), Main::count);
        tool(server, "wait", "Waits", Map.of("ms", NUMBER), Main::pause);
        tool(server, "ask", "Asks for a name", Map.of(), Main::ask);
        tool(server, "think", "Asks the client's model", Map.of("text", TEXT), Main::think);
        tool(server, "secret", "Needs one more scope", Map.of(), (exchange, call) -> text("secret"));
        server.build();
        var tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("world-java").toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(arguments[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        var context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "mcp", transport).setAsyncSupported(true);
        context.addServletMappingDecoded("/*", "mcp");
        tomcat.start();
        System.out.println("ready");
        tomcat.getServer().await();
    }

    private static void tool(
        McpServer.SyncSpecification<?> server, String name, String words, Map<String, Object> inputs, Handler handler) {
        Map<String, Object> schema =
            Map.of("type", "object", "properties", inputs, "required", List.copyOf(inputs.keySet()));
        server.toolCall(Tool.builder(name, schema).description(words).build(), handler);
    }

    private static CallToolResult count(McpSyncServerExchange exchange, CallToolRequest call) {
        int steps = numberOf(call, "steps");
        for (int step = 1; step <= steps; step++) {
            sleep(numberOf(call, "delay_ms"));
            Object token = call.progressToken();
            if (token == null) continue;
            exchange.progressNotification(ProgressNotification.builder(token, step).total((double) steps).build());
        }
        return text("counted " + steps);
    }

    private static CallToolResult pause(McpSyncServerExchange exchange, CallToolRequest call) {
        sleep(numberOf(call, "ms"));
        return text("waited");
    }

    private static CallToolResult ask(McpSyncServerExchange exchange, CallToolRequest call) {
        Map<String, Object> form =
            Map.of("type", "object", "properties", Map.of("name", TEXT), "required", List.of("name"));
        var answer = exchange.createElicitation(ElicitFormRequest.builder("What is your name?", form).build());
        return text("hello " + answer.content().get("name"));
    }

    @SuppressWarnings("deprecation") // sampling is deprecated in 2026-07-28 and still in use
    private static CallToolResult think(McpSyncServerExchange exchange, CallToolRequest call) {
        var question = SamplingMessage.builder(Role.USER, TextContent.builder(stringOf(call, "text")).build()).build();
        var answer = exchange.createMessage(CreateMessageRequest.builder(List.of(question), 100).build());
        return text(answer.content() instanceof TextContent content ? content.text() : "");
    }

    private static CallToolResult text(String words) {
        return CallToolResult.builder().addTextContent(words).build();
    }

    private static String stringOf(CallToolRequest call, String name) {
        return String.valueOf(call.arguments().get(name));
    }

    private static int numberOf(CallToolRequest call, String name) {
        return ((Number) call.arguments().get(name)).intValue();
    }

    private static void sleep(int ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
