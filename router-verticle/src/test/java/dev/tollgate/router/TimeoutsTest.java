package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Envelope;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeoutsTest {

    private static @Nullable Duration seconds(@Nullable Integer seconds) {
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    /** Seconds: of the deployment, of the client; then silence, and time until the first content. */
    @ParameterizedTest
    @CsvSource({
        "false,  60, 10,    ,   60, 60",
        "true,   60, 10,    ,   10, 60",
        "true,   60, 90,    ,   90, 90",
        "true,   60,   ,    ,   60, 60",
        "true,   60, 10, 30,    10, 30",
        "true,     , 10,    ,   10, 6000"
    })
    void aStreamHasTheTimeOfAWholeAnswerForItsFirstContent(
            boolean stream,
            @Nullable Integer timeout,
            @Nullable Integer streamTimeout,
            @Nullable Integer asked,
            int silence,
            int firstContent) {
        Deployment.Routing routing = new Deployment.Routing(
                null, null, null, null, seconds(timeout), seconds(streamTimeout), null, null, List.of());
        RouterSettings.Trying trying = new RouterSettings.Trying(true, RouterSettings.Hedging.OFF, 0.5);
        Rig rig = new Rig(Fixtures.trying(trying), Fixtures.in("group", "a", routing));
        rig.ask(stream, List.of(), new Envelope.Overrides(null, seconds(asked), null, null, false));
        Attempt attempt = rig.providers.attempts.getFirst();
        assertThat(attempt.timeout()).isEqualTo(Duration.ofSeconds(silence));
        assertThat(attempt.firstContent()).isEqualTo(Duration.ofSeconds(firstContent));
        assertThat(attempt.minStreamRate()).isEqualTo(0.5);
    }
}
