package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slow attempts through the whole program. One lane, so that one router has all measurements. */
class HedgingIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    /** So many requests from now on get no answer. */
    private final AtomicInteger hanging = new AtomicInteger();

    private final AtomicInteger closed = new AtomicInteger();

    private Upstream upstream() {
        return Upstream.answering((asked, response, vertx) -> {
            if (hanging.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                response.closeHandler(_ -> closed.incrementAndGet());
            } else {
                Scripts.openAi(asked.body().getString("model")).answer(asked, response, vertx);
            }
        });
    }

    @Test
    void aSlowAttemptIsJoinedByAnotherAndNobodyIsLeftWorking() throws Exception {
        try (Upstream upstream = upstream();
                Tollgate tollgate = new Tollgate.Setup(folder)
                        .env("NUM_WORKERS", "1")
                        .config("""
                                model_list:
                                  - model_name: chat
                                    litellm_params: {model: openai/a, api_base: "%1$s/v1", api_key: x}
                                  - model_name: chat
                                    litellm_params: {model: openai/b, api_base: "%1$s/v1", api_key: x}
                                router_settings: {num_retries: 0, hedging: {enabled: true, max_share: 1, min_delay_ms: 200}}
                                """.formatted(upstream.url()))
                        .start()) {
            Http http = new Http(tollgate.url());
            for (int i = 0; i < 40; i++) {
                http.post("/v1/chat/completions", i % 2 == 0 ? Http.chat("chat") : Http.streamedChat("chat"));
            }
            for (String body : new String[] {Http.chat("chat"), Http.streamedChat("chat")}) {
                closed.set(0);
                hanging.set(1);
                HttpResponse<String> answer = http.post("/v1/chat/completions", body);
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("x-tollgate-route").orElse(""))
                        .contains("=called-off > ");
                await().atMost(Duration.ofSeconds(5)).until(() -> closed.get() == 1);
            }

            closed.set(0);
            hanging.set(2);
            int before = upstream.asked().size();
            CompletableFuture<HttpResponse<InputStream>> leaving = http.client()
                    .sendAsync(
                            http.posting("/v1/chat/completions", Http.chat("chat")),
                            HttpResponse.BodyHandlers.ofInputStream());
            await().atMost(SOON).until(() -> upstream.asked().size() == before + 2);
            leaving.cancel(true);
            await().atMost(Duration.ofSeconds(5)).until(() -> closed.get() == 2);
        }
    }
}
