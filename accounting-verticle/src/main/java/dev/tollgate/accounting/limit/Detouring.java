package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Calls of one lane that fall back to another model: its limits hold for them before an attempt of it is made, and what was counted
 * for it is taken back when none is.
 */
final class Detouring {
    private final AttemptHold.Desk desk;
    private final Objections objections;
    private final Parties parties;
    private final Rates rates;
    private final Quotes quotes;
    private final Map<String, List<Promise<Held>>> asking = new HashMap<>();
    private ZoneId zone;

    Detouring(AttemptHold.Desk desk, Objections objections, Parties parties, Rates rates, Quotes quotes, ZoneId zone) {
        this.zone = zone;
        this.desk = desk;
        this.objections = objections;
        this.parties = parties;
        this.rates = rates;
        this.quotes = quotes;
    }

    /** Decides about an attempt: first by the limits of the model that its call has fallen back to, if it has, then by {@code next}. */
    Future<Held> within(Hold asked, Ticket ticket, Supplier<Future<Held>> next) {
        String model = asked.fallback();
        return model == null
                ? next.get()
                : enter(asked, ticket, model, 1)
                        .compose(entered -> entered.over() != null
                                ? Future.succeededFuture(entered)
                                : next.get().onComplete(decided -> {
                                    boolean made = decided.succeeded()
                                            && decided.result().over() == null;
                                    decided(ticket, model, asked.deploymentId(), made);
                                }));
    }

    private Future<Held> enter(Hold asked, Ticket ticket, String model, int round) {
        if (ticket.ended) {
            return Future.succeededFuture(gone());
        }
        Detours detours = ticket.detours == null ? new Detours(ticket.parties) : ticket.detours;
        ticket.detours = detours;
        if (detours.joins(model, asked.deploymentId())) {
            return Future.succeededFuture(Held.YES);
        }
        Call call = asked.call();
        Instant now = desk.clock().instant();
        Admission.Refused stopped = objections.ofEndUser(call, model);
        if (stopped != null) {
            return over(stopped, now);
        }
        List<Party> concerned = concerned(call, model);
        Ticket beside = beside(ticket, concerned);
        Admission.Refused spent = objections.ofBudgets(beside.parties, now);
        if (spent != null) {
            return over(spent, now);
        }
        return switch (rates.enter(beside, call, now)) {
            case null -> {
                ticket.join(beside);
                detours.enter(model, asked.deploymentId(), concerned, beside);
                yield Future.succeededFuture(Held.YES);
            }
            case Rates.Refusal refusal -> over(refusal.refused(), now);
            case Rates.Lack _ when round == Admissions.MOST_ROUNDS -> over(Refusals.cutOff(), now);
            case Rates.Lack lack -> {
                Promise<Held> later = Promise.promise();
                asking.computeIfAbsent(call.id(), _ -> new ArrayList<>(1)).add(later);
                lack.portion()
                        .ask(
                                lack.need(),
                                () -> desk.context().runOnContext(_ -> {
                                    if (waits(call.id(), later)) {
                                        enter(asked, ticket, model, round + 1).onComplete(later);
                                    }
                                }));
                yield later.future();
            }
        };
    }

    private List<Party> concerned(Call call, String model) {
        Concerned all = parties.of(
                call.caller(), call.envelope().user(), call.envelope().tags(), model);
        return quotes.of(model, call.envelope().overrides()).free()
                ? all.unbudgeted().parties()
                : all.parties();
    }

    /** Those whom the call has not asked yet. */
    private static Ticket beside(Ticket ticket, List<Party> concerned) {
        Set<Holder> known = ticket.parties.stream().map(Party::holder).collect(Collectors.toSet());
        return new Ticket(
                new Concerned(concerned.stream()
                        .filter(party -> !known.contains(party.holder()))
                        .toList()),
                ticket.dearTier);
    }

    private void decided(Ticket ticket, String model, String deploymentId, boolean made) {
        Detours detours = ticket.detours;
        Ticket unused = detours == null || ticket.ended ? null : detours.decided(model, deploymentId, made);
        if (unused != null) {
            Instant now = desk.clock().instant();
            // What was set aside for the attempt by those who counted for that model only.
            for (Ticket.Hold hold : ticket.part(unused)) {
                hold.purse().settle(hold.nanos(), 0, hold.party().limits(), now, zone);
            }
            Rates.undo(unused, now);
        }
    }

    /** Another configuration is in force. */
    void configured(ZoneId next) {
        zone = next;
    }

    private static Future<Held> over(Admission.Refused refused, Instant now) {
        Duration wait = refused.failure().retryAfter();
        long until = wait == null ? 0 : now.plus(wait).toEpochMilli();
        return Future.succeededFuture(Held.over(new Held.Over(refused.failure().message(), until)));
    }

    private static Held gone() {
        return Held.over(new Held.Over("The client closed the connection", 0));
    }

    /** Whether somebody still waited for that; it waits no longer. */
    private boolean waits(String callId, Promise<Held> asked) {
        List<Promise<Held>> all = asking.getOrDefault(callId, List.of());
        boolean waited = all.contains(asked);
        if (waited && all.size() == 1) {
            asking.remove(callId);
        } else if (waited) {
            all.remove(asked);
        }
        return waited;
    }

    /** Nobody waits for the call any more. */
    void abandon(String callId) {
        List<Promise<Held>> all = asking.isEmpty() ? null : asking.remove(callId);
        if (all != null) {
            all.forEach(asked -> asked.complete(gone()));
        }
    }
}
