import io.modelcontextprotocol.modern.McpSchema.CallToolResult;
import io.modelcontextprotocol.modern.McpSchema.ElicitResult;
import io.modelcontextprotocol.modern.McpSchema.TextContent;
import io.modelcontextprotocol.modern.McpSchema.Tool;
import io.modelcontextprotocol.modern.client.McpAsyncClient;
import io.modelcontextprotocol.modern.client.McpClient;
import io.modelcontextprotocol.modern.client.transport.HttpClientMcpTransport;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequestCustomizer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** The stack of 2026-07-28. */
final class ModernPeer implements Peer {

    private final McpAsyncClient client;

    ModernPeer(URI url, String token) {
        var transport = HttpClientMcpTransport.builder(url)
            .requestCustomizer(McpHttpRequestCustomizer.fromSync((request, headers, context) -> {
                if (token != null) headers.set("Authorization", "Bearer " + token);
            }))
            .build();
        client = McpClient.async(transport)
            .roundTimeout(LIMIT)
            .formElicitation(request -> Mono.just(ElicitResult.accept(Map.of("name", "Ada"))))
            .build();
    }

    @Override
    public void connect() {
        client.discover().block(LIMIT);
    }

    @Override
    public List<String> toolNames() {
        return client.listTools().list().block(LIMIT).tools().stream().map(Tool::name).toList();
    }

    @Override
    public Mono<String> call(String tool, Map<String, Object> arguments, AtomicInteger progress) {
        var call = client.tool(tool).arguments(arguments);
        if (progress != null) call = call.progress(notification -> Mono.fromRunnable(progress::incrementAndGet));
        return call.call().map(ModernPeer::textOf);
    }

    private static String textOf(CallToolResult result) {
        return result.content().get(0) instanceof TextContent text ? text.text() : "";
    }

    @Override
    public void close() {
        // Nothing is open between two calls.
    }
}
