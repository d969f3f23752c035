package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls that come before the store has said which models it has. */
class ArrivalsTest {
    private final Rig rig = new Rig(RouterSettings.DEFAULT, Fixtures.deployment("a"));
    private final Deque<Promise<Void>> pauses = new ArrayDeque<>();
    private final Snapshot whole =
            new Snapshot(1, "test", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());
    private final Arrivals arrivals = new Arrivals(rig.router::knows, () -> Duration.ofMillis(150), _ -> {
        pauses.add(Promise.promise());
        return pauses.getLast().future();
    });

    private Future<Answer> call() {
        Call call = Fixtures.call("group", false, Envelope.Overrides.NONE, List.of(), List.of());
        return arrivals.then(call, rig.router::route);
    }

    @Test
    void aCallForAModelThatNobodyKnowsWaitsForTheStoresModels() {
        rig.router.configure(whole.partial(true));
        Future<Answer> answer = call();
        pauses.remove().complete();
        assertThat(answer.isComplete()).isFalse();

        rig.configure(RouterSettings.DEFAULT, Fixtures.deployment("a"));
        pauses.remove().complete();
        assertThat(answer.result()).isInstanceOf(Answer.Whole.class);
    }

    @Test
    void itIsToldToComeAgainWhenItHasWaitedForLongEnough() {
        rig.router.configure(whole.partial(true));
        Future<Answer> answer = call();
        for (int i = 0; i < 3; i++) {
            assertThat(answer.isComplete()).isFalse();
            pauses.remove().complete();
        }
        assertThat(Rig.refusal(answer.result()).message()).contains("still being loaded");
    }

    @Test
    void nobodyWaitsWhenAllModelsAreKnown() {
        assertThat(call().result()).isInstanceOf(Answer.Whole.class);
        rig.router.configure(whole);
        assertThat(Rig.refusal(call().result()).message()).contains("Invalid model name");
        assertThat(pauses).isEmpty();
    }
}
