import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** A client of one of the SDK's two stacks. */
interface Peer extends AutoCloseable {

    /** No answer may take longer. */
    Duration LIMIT = Duration.ofSeconds(15);

    void connect();

    List<String> toolNames();

    /** The first text of the answer. Progress notifications are counted where it is given. */
    Mono<String> call(String tool, Map<String, Object> arguments, AtomicInteger progress);

    @Override
    void close();
}
