package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What comes back for a {@link Call} or {@link Attempt}: a whole answer, the head of a stream, or a refusal. */
public sealed interface Answer {

    /** Where the answer came from and what it took to get it; null inside a provider, filled in by the router. */
    @Nullable Route route();

    /** The same answer with the router's record of how it was reached. */
    Answer withRoute(Route route);

    /**
     * A complete answer in the client's own API shape.
     *
     * @param status HTTP status
     * @param headers response headers of the provider worth passing on (lower-case names)
     * @param body body for the client
     * @param usage tokens used
     * @param upstreamModel model name that the provider says it used, or null
     */
    record Whole(
            int status,
            Map<String, String> headers,
            Buffer body,
            Usage usage,
            @Nullable String upstreamModel,
            @Nullable Route route)
            implements Answer {
        @Override
        public Whole withRoute(Route newRoute) {
            return new Whole(status, headers, body, usage, upstreamModel, newRoute);
        }
    }

    /**
     * The head of a stream; chunks follow as {@link StreamFrame}s once credit is granted.
     *
     * @param headers response headers of the provider worth passing on
     * @param stream where to ask for chunks
     * @param continuable whether another deployment could carry it on should it break: {@link Continue}
     */
    record Streaming(
            Map<String, String> headers,
            StreamRef stream,
            @Nullable Route route,
            boolean continuable) implements Answer {
        /** One that ends where it breaks. */
        public Streaming(Map<String, String> headers, StreamRef stream, @Nullable Route route) {
            this(headers, stream, route, false);
        }

        @Override
        public Streaming withRoute(Route newRoute) {
            return new Streaming(headers, stream, newRoute, continuable);
        }
    }

    /**
     * No answer: why not.
     *
     * @param usage what the attempt is taken to have used all the same, because the provider had the request when it was given up
     */
    record Refused(Failure failure, @Nullable Route route, Usage usage) implements Answer {
        /** One that cost nothing. */
        public Refused(Failure failure, @Nullable Route route) {
            this(failure, route, Usage.NONE);
        }

        @Override
        public Refused withRoute(Route newRoute) {
            return new Refused(failure, newRoute, usage);
        }
    }

    /**
     * The router's story of one call.
     *
     * @param modelGroup group that answered (a fallback's when one was used)
     * @param deploymentId deployment that answered or failed last; empty when none was tried
     * @param provider its provider; empty when none was tried
     * @param upstreamModel model name sent upstream; empty when none was tried
     * @param apiBase base URL of the deployment, without credentials; empty when none was tried
     * @param retries attempts after the first within the group that answered or failed last
     * @param maxRetries retries that were allowed in the group
     * @param fallbacks how many fallback groups were entered
     * @param timeoutMillis per-attempt timeout in milliseconds
     * @param providerMillis time spent in the attempt that answered, until its head, in milliseconds
     * @param attempts every attempt in order
     * @param onlyOne whether the deployment had no other beside it that this call might have used, by tags and checks
     * @param spent attempts that brought no answer and yet have to be paid
     */
    record Route(
            String modelGroup,
            String deploymentId,
            String provider,
            String upstreamModel,
            String apiBase,
            int retries,
            int maxRetries,
            int fallbacks,
            long timeoutMillis,
            double providerMillis,
            List<Tried> attempts,
            boolean onlyOne,
            List<Leg> spent) {
        private static final int MOST_IN_A_ROW = 4_000;

        /** All that has to be paid is the answer. */
        public Route(
                String modelGroup,
                String deploymentId,
                String provider,
                String upstreamModel,
                String apiBase,
                int retries,
                int maxRetries,
                int fallbacks,
                long timeoutMillis,
                double providerMillis,
                List<Tried> attempts,
                boolean onlyOne) {
            this(
                    modelGroup,
                    deploymentId,
                    provider,
                    upstreamModel,
                    apiBase,
                    retries,
                    maxRetries,
                    fallbacks,
                    timeoutMillis,
                    providerMillis,
                    attempts,
                    onlyOne,
                    List.of());
        }

        /** The same, with other attempts to be paid. */
        public Route withSpent(List<Leg> others) {
            return new Route(
                    modelGroup,
                    deploymentId,
                    provider,
                    upstreamModel,
                    apiBase,
                    retries,
                    maxRetries,
                    fallbacks,
                    timeoutMillis,
                    providerMillis,
                    attempts,
                    onlyOne,
                    others);
        }

        /** The attempts in short, for the spend row; empty when there was none. In 4000 characters. */
        public String story() {
            return story(MOST_IN_A_ROW);
        }

        /** The attempts in short, in about so many characters: of a long story the beginning and the end. */
        public String story(int most) {
            return Tried.joined(attempts, Tried::brief, most);
        }
    }
}
