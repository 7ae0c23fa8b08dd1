import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the table on the Java SDK: {@code Main sessions|webclient|modern JOB}, the job as JSON; a JSON line for each step. */
public final class Main {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int POLLS = 50;
    private static final int POLL_MS = 20;

    public static void main(String[] arguments) throws Exception {
        JsonNode job = JSON.readTree(arguments[1]);
        URI url = URI.create(job.get("url").asString());
        String token = job.has("token") ? job.get("token").asString() : null;
        Peer peer = switch (arguments[0]) {
            case "modern" -> new ModernPeer(url, token);
            case "webclient" -> SessionPeer.onWebClient(url, token);
            default -> SessionPeer.onJdk(url, token);
        };
        String lost = null;
        for (JsonNode step : job.get("steps")) {
            String why = report(step.asString(), peer, lost);
            if (step.asString().equals("connect")) lost = why;
        }
        try {
            peer.close();
        } finally {
            print(Map.of("done", true));
            // Threads of the HTTP client must not keep the program.
            System.exit(0);
        }
    }

    /** Why it failed, or null. What comes after a connection that failed is not tried. */
    private static String report(String step, Peer peer, String lost) {
        String why = lost == null ? tried(step, peer) : lost;
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("ok", why == null);
        if (why != null) line.put("why", why);
        print(line);
        return why;
    }

    private static String tried(String step, Peer peer) {
        try {
            run(step, peer);
            return null;
        } catch (Exception error) {
            return explain(error);
        }
    }

    private static void run(String step, Peer peer) throws Exception {
        switch (step) {
            case "connect" -> peer.connect();
            case "list" -> {
                if (!peer.toolNames().contains("echo")) throw new IllegalStateException("no echo among the tools");
            }
            case "call" -> echo(peer);
            case "progress" -> count(peer, 3, 100);
            case "cancel" -> cancel(peer);
            case "elicitation" -> expect(peer, "ask", Map.of(), "hello Ada");
            case "sampling" -> expect(peer, "think", Map.of("text", "hm"), "a thought");
            // Who stands between cuts the stream after the second notification.
            case "resume" -> resume(peer);
            default -> throw new IllegalStateException("no such step: " + step);
        }
    }

    private static void echo(Peer peer) {
        expect(peer, "echo", Map.of("text", "ahoy"), "ahoy");
    }

    private static void expect(Peer peer, String tool, Map<String, Object> arguments, String text) {
        String said = peer.call(tool, arguments, null).block(Peer.LIMIT);
        if (!text.equals(said)) throw new IllegalStateException(tool + " said " + said + ", not " + text);
    }

    private static void count(Peer peer, int steps, int delayMs) throws InterruptedException {
        var progress = new AtomicInteger();
        var arguments = Map.<String, Object>of("steps", steps, "delay_ms", delayMs);
        String said = peer.call("count", arguments, progress).block(Peer.LIMIT);
        if (!("counted " + steps).equals(said)) throw new IllegalStateException("count said " + said);
        for (int poll = 0; poll < POLLS && progress.get() < steps; poll++) Thread.sleep(POLL_MS);
        if (progress.get() != steps) throw new IllegalStateException(progress.get() + " progress notifications");
    }

    private static void resume(Peer peer) {
        var arguments = Map.<String, Object>of("steps", 5, "delay_ms", 300);
        String said = peer.call("count", arguments, new AtomicInteger()).block(Peer.LIMIT);
        if (!"counted 5".equals(said)) throw new IllegalStateException("count said " + said);
    }

    private static void cancel(Peer peer) throws InterruptedException {
        var ended = new AtomicReference<String>();
        var call = peer.call("wait", Map.of("ms", 10_000), null)
            .subscribe(ended::set, error -> ended.set(explain(error)));
        Thread.sleep(300);
        if (ended.get() != null) throw new IllegalStateException("it ended before: " + ended.get());
        call.dispose();
        echo(peer);
    }

    /** An error with all of its causes: the outermost alone says little. */
    private static String explain(Throwable error) {
        var words = new StringBuilder(String.valueOf(error.getMessage()));
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            if (!words.toString().contains(String.valueOf(cause.getMessage()))) words.append(": ").append(cause.getMessage());
        }
        return words.toString();
    }

    private static void print(Map<String, Object> line) {
        System.out.println(JSON.writeValueAsString(line));
    }
}
