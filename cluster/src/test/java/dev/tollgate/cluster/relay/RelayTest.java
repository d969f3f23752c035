package dev.tollgate.cluster.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Letter;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attempts and streams between nodes; each seed is another order of events. */
class RelayTest {
    private static final int WINDOW = 8;

    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    private static Troupe troupe(long seed) {
        return new Troupe(new Stage(seed))
                .provider("p1")
                .provider("p2")
                .provider("p3")
                .front("f1")
                .front("f2");
    }

    private static List<Troupe.Client> clients(Troupe troupe, int count) {
        List<Troupe.Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String model = List.of("plain", "refuse", "stream 1", "stream 30", "stream 100")
                    .get(troupe.stage.random.nextInt(5));
            clients.add(troupe.new Client(i % 2 == 0 ? "f1" : "f2", model, WINDOW));
        }
        return clients;
    }

    private static String chunks(int count) {
        return String.join("", IntStream.range(0, count).mapToObj(Troupe::chunk).toList());
    }

    private static void good(Troupe.Client client) {
        String model = client.attempt.upstreamModel();
        switch (client.answer) {
            case Answer.Whole whole -> {
                assertThat(model).isEqualTo("plain");
                assertThat(whole.body())
                        .hasToString(client.attempt.call().body().toString() + "!");
                assertThat(whole.usage()).isEqualTo(Usage.of(3, 4));
            }
            case Answer.Refused refused -> {
                assertThat(model).isEqualTo("refuse");
                assertThat(refused.failure().retryAfter()).hasSeconds(3);
                assertThat(refused.usage()).isEqualTo(Usage.of(1, 2));
            }
            case Answer.Streaming _ -> {
                int all = Integer.parseInt(model.substring(7));
                assertThat(client.text.toString()).isEqualTo(chunks(all));
                assertThat(client.end)
                        .isInstanceOfSatisfying(
                                StreamFrame.End.class,
                                end -> assertThat(end.usage()).isEqualTo(Usage.of(5, all)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void callsAndStreamsCrossUnharmedAndLeaveNothingBehind(long seed) {
        Troupe troupe = troupe(seed);
        troupe.stage.pass(1);
        List<Troupe.Client> clients = clients(troupe, 40);
        troupe.stage.run();

        clients.forEach(RelayTest::good);
        assertThat(troupe.underway()).isZero();
        assertThat(troupe.served()).isZero();
        assertThat(troupe.made.keySet()).as("all share the work").hasSize(3);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatANodeHadUnderWayFailsAtOnceWhenItIsKilled(long seed) {
        Troupe troupe = troupe(seed);
        troupe.stage.pass(1);
        List<Troupe.Client> clients = clients(troupe, 40);
        troupe.stage.run(300 + troupe.stage.random.nextInt(600));
        troupe.stage.kill("p1");
        troupe.stage.run();

        assertThat(clients).allMatch(Troupe.Client::over);
        for (Troupe.Client client : clients) {
            if (client.answer instanceof Answer.Refused refused
                    && refused.failure().kind() == FailureKind.NODE_LOST) {
                assertThat(refused.usage().prompt()).isPositive();
            } else if (client.end instanceof StreamFrame.Broken broken) {
                assertThat(broken.failure().kind()).isEqualTo(FailureKind.NODE_LOST);
                assertThat(broken.usage().completion()).isEqualTo(client.got);
                assertThat(client.text.toString()).isEqualTo(chunks(client.got));
            } else {
                good(client);
            }
        }
        assertThat(troupe.underway()).isZero();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverLettersAreLostEverythingEndsInSeconds(long seed) {
        Troupe troupe = troupe(seed);
        troupe.stage.pass(1);
        troupe.stage.losing = _ -> troupe.stage.random.nextInt(10) == 0;
        List<Troupe.Client> clients = clients(troupe, 40);
        troupe.stage.run();
        troupe.stage.losing = _ -> false;
        troupe.stage.pass(4);

        assertThat(clients).allMatch(Troupe.Client::over);
        for (Troupe.Client client : clients) {
            if (client.end instanceof StreamFrame.Broken) {
                assertThat(client.text.toString()).isEqualTo(chunks(client.got));
            } else if (!(client.answer instanceof Answer.Refused refused)
                    || refused.failure().kind() != FailureKind.NODE_LOST) {
                good(client);
            }
        }
        troupe.stage.pass(1);
        assertThat(troupe.underway()).isZero();
        assertThat(troupe.served()).isZero();
    }

    @Test
    void aSlowClientCostsTheProviderNoMemoryAndChunksThatWaitShareALetter() {
        Troupe troupe = new Troupe(new Stage(1)).provider("p").front("f");
        troupe.stage.pass(1);
        Troupe.Client client = troupe.new Client("f", "stream 1000000", 64);
        int before = troupe.stage.letters;
        long most = 0;
        while (troupe.stage.run(1)) {
            most = Math.max(
                    most,
                    troupe.providers.get("p").stream()
                            .mapToLong(ServingLane::piledBytes)
                            .sum());
            if (client.got >= 6_400) {
                break;
            }
        }

        assertThat(troupe.upstreams.getFirst().granted - client.got).isLessThanOrEqualTo(128);
        assertThat(most).isPositive().isLessThan(64 * Troupe.chunk(1_000_000).length());
        assertThat(troupe.stage.letters - before).isLessThan(6_400 / 4);
    }

    @Test
    void whoeverGoesStopsWhatWasMadeForHim() {
        Troupe troupe = new Troupe(new Stage(2)).provider("p").front("f").front("g");
        troupe.stage.pass(1);
        Troupe.Client waiting = troupe.new Client("f", "wait", 1);
        Troupe.Client reading = troupe.new Client("f", "stream 500", 1);
        Troupe.Client waitingThere = troupe.new Client("g", "wait", 1);
        Troupe.Client readingThere = troupe.new Client("g", "stream 1000000", 1);
        while (reading.got < 5 || readingThere.got < 5) {
            troupe.stage.run(1);
        }

        waiting.callOff();
        reading.stop();
        troupe.stage.run(2_000);
        assertThat(waiting.answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.usage()).isEqualTo(Usage.of(7, 0)));
        assertThat(reading.end).isInstanceOf(StreamFrame.Cancelled.class);

        troupe.stage.kill("g");
        troupe.stage.run();
        assertThat(waitingThere.over()).isFalse();
        assertThat(troupe.cancelled).hasSize(2);
        assertThat(troupe.upstreams).allMatch(upstream -> upstream.closed);
        assertThat(troupe.served()).isZero();
    }

    @Test
    void aNodeThatIsSilentThoughItCountsAsAMemberIsGivenUpAfterSecondsByBothSides() {
        Troupe troupe = new Troupe(new Stage(3)).provider("p").front("f");
        troupe.stage.pass(1);
        Troupe.Client waiting = troupe.new Client("f", "wait", 1);
        troupe.stage.run();
        troupe.stage.losing = _ -> true;
        troupe.stage.pass(5);
        assertThat(waiting.over()).isFalse();
        troupe.stage.pass(1);

        assertThat(waiting.answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.failure().kind()).isEqualTo(FailureKind.NODE_LOST));
        assertThat(troupe.served()).isZero();
        assertThat(troupe.cancelled).hasSize(1);
        Troupe.Client next = troupe.new Client("f", "plain", 1);
        troupe.stage.run();
        assertThat(next.answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.failure().message())
                                .contains("No node that plays the provider role answers now"));
        troupe.stage.losing = _ -> false;
        troupe.stage.pass(1);
        Troupe.Client after = troupe.new Client("f", "plain", 1);
        troupe.stage.run();
        good(after);
    }

    @Test
    void aNodeThatStoodStillItselfTakesNobodyElsesWordsForMissing() {
        Troupe troupe = new Troupe(new Stage(8)).provider("p").front("f");
        troupe.stage.pass(1);
        Troupe.Client waiting = troupe.new Client("f", "wait", 1);
        troupe.stage.run();
        troupe.stage.now += Duration.ofSeconds(50).toNanos();
        troupe.stage.pass(3);
        assertThat(waiting.over()).isFalse();
        assertThat(troupe.served()).isEqualTo(1);
        waiting.callOff();
        troupe.stage.run();
        assertThat(waiting.over()).isTrue();
    }

    @Test
    void theNodeThatMakesTheCallKnowsBestWhoseDeploymentItIs() {
        Troupe troupe = new Troupe(new Stage(9)).provider("p").front("f");
        troupe.stage.pass(1);
        Future<ProbeResult> strange =
                troupe.frontBuses.get("f").getFirst().ask(Addresses.provider("as the front sees it"), new Probe("d"));
        troupe.stage.run();
        assertThat(strange.result().failure().kind()).isEqualTo(FailureKind.NODE_LOST);
        troupe.known.put("d", Troupe.PROVIDER);
        Future<ProbeResult> known =
                troupe.frontBuses.get("f").getFirst().ask(Addresses.provider("as the front sees it"), new Probe("d"));
        troupe.stage.run();
        assertThat(known.result().failure().message()).contains("ill at p");
    }

    @Test
    void withoutAnyNodeForItACallIsRefusedAtOnce() {
        Troupe troupe = new Troupe(new Stage(4)).front("f");
        Troupe.Client client = troupe.new Client("f", "plain", 1);
        Future<ProbeResult> probe =
                troupe.frontBuses.get("f").getFirst().ask(Addresses.provider(Troupe.PROVIDER), new Probe("d"));
        troupe.stage.run();

        assertThat(client.answer).isInstanceOfSatisfying(Answer.Refused.class, refused -> {
            assertThat(refused.failure().kind()).isEqualTo(FailureKind.ROLE_MISSING);
            assertThat(refused.failure().status()).isEqualTo(503);
            assertThat(refused.failure().message()).contains("No node of the cluster plays the provider role now");
        });
        assertThat(probe.result().failure().kind()).isEqualTo(FailureKind.ROLE_MISSING);
        assertThat(reachable(troupe)).isFalse();

        troupe.stage.losing = _ -> true;
        troupe.provider("p");
        troupe.stage.run();
        assertThat(reachable(troupe)).as("it has not answered yet").isFalse();
        troupe.stage.losing = _ -> false;
        troupe.stage.pass(1);
        assertThat(reachable(troupe)).isTrue();
    }

    private static boolean reachable(Troupe troupe) {
        Future<Boolean> asked = troupe.frontBuses.get("f").getFirst().ask(Addresses.REACHABLE, "");
        while (!asked.isComplete()) {
            troupe.stage.run(1);
        }
        return asked.result();
    }

    @Test
    void theLeastBusyNodeIsAskedAndOneThatLeavesIsNot() {
        Troupe troupe = new Troupe(new Stage(5)).provider("p1").provider("p2").front("f");
        troupe.stage.pass(1);
        List<Troupe.Client> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(troupe.new Client("f", "wait", 1));
        }
        troupe.stage.run();
        assertThat(troupe.made.get("p1") + troupe.made.get("p2")).isEqualTo(10);
        assertThat(troupe.made.get("p1")).isBetween(4, 6);

        troupe.providers.get("p1").forEach(ServingLane::leaving);
        troupe.stage.run();
        int before = troupe.made.get("p1");
        for (int i = 0; i < 10; i++) {
            troupe.new Client("f", "plain", 1);
        }
        troupe.stage.run();
        assertThat(troupe.made.get("p1")).isEqualTo(before);

        troupe.providers.values().forEach(lanes -> lanes.forEach(ServingLane::callOffAll));
        troupe.stage.run();
        assertThat(waiting).allMatch(Troupe.Client::over);
    }

    @Test
    void theOldestNodeIsAskedHowADeploymentIs() {
        Troupe troupe = troupe(6);
        troupe.stage.pass(1);
        List<Future<ProbeResult>> probes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            probes.add(troupe.frontBuses.get("f1").getFirst().ask(Addresses.provider(Troupe.PROVIDER), new Probe("d")));
        }
        troupe.stage.run();

        assertThat(probes)
                .allSatisfy(
                        probe -> assertThat(probe.result().failure().message()).isEqualTo("ill at p1"));
    }

    @Test
    void whatOtherReleasesMaySayIsLeftUnread() {
        Troupe troupe = new Troupe(new Stage(7)).provider("p").front("f");
        troupe.stage.pass(1);
        Stage.LaneBus bus = troupe.frontBuses.get("f").getFirst();
        bus.node.tell(
                "p",
                new Letter(
                        Topics.ASKED,
                        new JsonObject()
                                .put(Topics.WHAT, "of the future")
                                .put(Topics.NUMBER, 0)
                                .put(Topics.FROM, "f")));
        bus.node.tell(
                "p",
                new Letter(
                        Topics.ASKED,
                        new JsonObject()
                                .put(Topics.WHAT, Topics.ATTEMPT)
                                .put(Topics.NUMBER, 9)
                                .put(Topics.FROM, "f")
                                .put("surface", "DREAMS")));
        Troupe.Client client = troupe.new Client("f", "plain", 1);
        troupe.stage.run();

        good(client);
        assertThat(troupe.served()).isZero();
    }

    @Test
    void anAttemptWaitsUntilTheModelsOfTheNodeThatAsksAreInForce() {
        Troupe troupe = new Troupe(new Stage(1)).provider("p1").front("f1");
        troupe.stage.pass(1);
        troupe.stamp = "stamp 1";
        Troupe.Client client = troupe.new Client("f1", "plain", WINDOW);
        troupe.stage.run();
        assertThat(troupe.borrowed).containsExactly("f1 stamp 1");
        assertThat(troupe.made).isEmpty();
        troupe.lending.complete();
        troupe.stage.run();
        good(client);

        troupe.lending = Promise.promise();
        troupe.lending.fail("they cannot be had");
        Troupe.Client other = troupe.new Client("f1", "plain", WINDOW);
        troupe.stage.run();
        assertThat(other.answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.failure().kind()).isEqualTo(FailureKind.NODE_LOST));
    }

    @Test
    void whatIsCalledOffWhileItWaitsForModelsIsNotMade() {
        Troupe troupe = new Troupe(new Stage(1)).provider("p1").front("f1").front("f2");
        troupe.stage.pass(1);
        troupe.stamp = "stamp 1";
        Troupe.Client calledOff = troupe.new Client("f1", "plain", WINDOW);
        troupe.new Client("f2", "plain", WINDOW);
        troupe.stage.run();
        assertThat(troupe.borrowed).containsExactlyInAnyOrder("f1 stamp 1", "f2 stamp 1");
        calledOff.callOff();
        troupe.stage.kill("f2");
        troupe.stage.run();
        troupe.lending.complete();
        troupe.stage.run();
        assertThat(troupe.made).isEmpty();
        assertThat(calledOff.answer).isInstanceOf(Answer.Refused.class);
        assertThat(troupe.served()).isZero();
    }
}
