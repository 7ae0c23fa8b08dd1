import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ClientCapabilities;
import io.modelcontextprotocol.spec.McpSchema.CreateMessageResult;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.Role;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.ai.mcp.client.webflux.transport.WebClientStreamableHttpTransport;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** The stack of the revisions with sessions. */
final class SessionPeer implements Peer {

    private final McpAsyncClient client;
    private final Map<Object, AtomicInteger> counters = new ConcurrentHashMap<>();

    /** On the HTTP client of the JDK. */
    static SessionPeer onJdk(URI url, String token) {
        return new SessionPeer(HttpClientStreamableHttpTransport.builder(url.resolve("/").toString())
            .endpoint(url.getPath())
            .addHttpRequestCustomizer((request, method, uri, body, context) -> {
                if (token != null) request.header("Authorization", "Bearer " + token);
            })
            .build());
    }

    /** On Spring's WebClient, over Reactor Netty. */
    static SessionPeer onWebClient(URI url, String token) {
        var web = WebClient.builder().baseUrl(url.resolve("/").toString());
        if (token != null) web.defaultHeader("Authorization", "Bearer " + token);
        return new SessionPeer(WebClientStreamableHttpTransport.builder(web).endpoint(url.getPath()).build());
    }

    @SuppressWarnings("deprecation") // sampling is deprecated in 2026-07-28 and still in use
    private SessionPeer(McpClientTransport transport) {
        client = McpClient.async(transport)
            .clientInfo(Implementation.builder("world-java", "1").build())
            .capabilities(ClientCapabilities.builder().sampling().elicitation().build())
            .requestTimeout(LIMIT)
            .elicitation(request -> Mono.just(new ElicitResult(ElicitResult.Action.ACCEPT, Map.of("name", "Ada"))))
            .sampling(request -> Mono.just(CreateMessageResult.builder(Role.ASSISTANT, "a thought", "world").build()))
            .progressConsumer(this::count)
            .build();
    }

    private Mono<Void> count(ProgressNotification notification) {
        var counter = counters.get(notification.progressToken());
        if (counter != null) counter.incrementAndGet();
        return Mono.empty();
    }

    @Override
    public void connect() {
        client.initialize().block(LIMIT);
    }

    @Override
    public List<String> toolNames() {
        return client.listTools().block(LIMIT).tools().stream().map(Tool::name).toList();
    }

    @Override
    public Mono<String> call(String tool, Map<String, Object> arguments, AtomicInteger progress) {
        var request = CallToolRequest.builder(tool).arguments(arguments);
        if (progress != null) {
            var progressToken = UUID.randomUUID().toString();
            counters.put(progressToken, progress);
            request.progressToken(progressToken);
        }
        return client.callTool(request.build()).map(SessionPeer::textOf);
    }

    private static String textOf(CallToolResult result) {
        return result.content().get(0) instanceof TextContent text ? text.text() : "";
    }

    @Override
    public void close() {
        client.closeGracefully().block(LIMIT);
    }
}
