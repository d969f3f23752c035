package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A desk and its visitors. */
final class Counter implements AutoCloseable {
    static final Caller MASTER = Caller.master("0".repeat(64));

    final MemoryBook book = new MemoryBook();
    final Map<Holder, Long> spent = new ConcurrentHashMap<>();
    final OneLane lane = new OneLane(book);
    final Set<Holder> carried = ConcurrentHashMap.newKeySet();
    int transactions;
    boolean silent;
    boolean away;
    Instant now = Instant.parse("2026-01-31T10:00:00Z");
    final Desk desk = new Desk(
            book,
            new Balances() {
                @Override
                public void known(Duration longest) {
                    // It always is.
                }

                @Override
                public long spentNanos(Holder holder) {
                    return spent.getOrDefault(holder, 0L);
                }

                @Override
                public List<Holder> parts(Set<Holder> of) {
                    return spent.keySet().stream()
                            .filter(holder -> holder.part() != null && of.contains(holder.whole()))
                            .toList();
                }

                @Override
                public void found(Set<Holder> carry) {
                    if (silent && !carry.isEmpty()) {
                        throw new IllegalStateException("a node does not answer");
                    }
                }

                @Override
                public void change(Map<Holder, Long> set, Set<Holder> carry) {
                    if (away) {
                        throw new IllegalStateException("the store is away");
                    }
                    spent.putAll(set);
                    carried.addAll(carry);
                    transactions++;
                }

                @Override
                public long resetsAtMillis(Holder holder, Limits limits) {
                    return 0;
                }
            },
            lane.vault,
            () -> now,
            () -> Duration.ZERO);

    static Caller user(String id, UserRole role) {
        return new Caller(
                Keys.hash("sk-of-" + id + "-login-key"), null, id, null, null, role, ModelAccess.ALL, List.of());
    }

    static Caller user(String id) {
        return user(id, UserRole.INTERNAL_USER);
    }

    Managed ask(Caller caller, String request, @Nullable String body) {
        String method = request.substring(0, request.indexOf(' '));
        String target = request.substring(request.indexOf(' ') + 1);
        Map<String, List<String>> parameters = new HashMap<>();
        String[] parts = target.split("\\?", 2);
        for (String pair : parts.length == 2 ? parts[1].split("&") : new String[0]) {
            String[] both = pair.split("=", 2);
            parameters
                    .computeIfAbsent(both[0], _ -> new ArrayList<>())
                    .add(URLDecoder.decode(both[1], StandardCharsets.UTF_8));
        }
        CompletableFuture<Managed> answer = new CompletableFuture<>();
        Buffer sent = body == null ? null : Buffer.buffer(body.replace('\'', '"'));
        desk.ask(new Manage(method, parts[0], parameters, sent, caller, null), answer::complete);
        return answer.orTimeout(10, TimeUnit.SECONDS).join();
    }

    int status(Caller caller, String request, @Nullable String body) {
        return switch (ask(caller, request, body)) {
            case Managed.Done done -> done.status();
            case Managed.Refused refused -> refused.failure().status();
        };
    }

    String text(Caller caller, String request, @Nullable String body) {
        Managed answer = ask(caller, request, body);
        assertThat(answer)
                .as(request)
                .isInstanceOfSatisfying(
                        Managed.Done.class,
                        done -> assertThat(done.status())
                                .as(done.json().toString())
                                .isEqualTo(200));
        return ((Managed.Done) answer).json().toString();
    }

    JsonObject ok(Caller caller, String request, @Nullable String body) {
        return new JsonObject(text(caller, request, body));
    }

    JsonObject ok(String request, @Nullable String body) {
        return ok(MASTER, request, body);
    }

    String refusal(Caller caller, String request, @Nullable String body) {
        return switch (ask(caller, request, body)) {
            case Managed.Done done -> done.status() + " " + done.json();
            case Managed.Refused refused ->
                refused.failure().status() + " " + refused.failure().shownType() + " "
                        + refused.failure().message();
        };
    }

    @Override
    public void close() {
        desk.close();
        lane.vault.close();
    }
}
