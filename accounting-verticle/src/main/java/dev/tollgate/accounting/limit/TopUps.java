package dev.tollgate.accounting.limit;

import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import io.vertx.core.Future;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Calls of one lane that need more than was set aside for them at admission. */
final class TopUps {
    private final AttemptHold.Desk desk;
    private final Quotes quotes;
    private final Map<String, TopUp> waiting = new HashMap<>();

    TopUps(AttemptHold.Desk desk, Quotes quotes) {
        this.desk = desk;
        this.quotes = quotes;
    }

    /** Sets aside for an attempt what the call's ticket lacks; {@code priced}: what a part of a call cost, in nano-dollars. */
    Future<Held> of(Hold asked, Ticket ticket, RouterSettings.Trying trying, ZoneId zone, ToLongFunction<Leg> priced) {
        if (ticket.parties.stream().noneMatch(Party::budgeted)) {
            return Future.succeededFuture(Held.YES);
        }
        Wants wants = Wants.of(asked.call());
        boolean hedged = trying.hedging().enabled();
        // Which deployment a second attempt at the same time goes to is not known yet.
        Quote quote = hedged
                ? quotes.of(
                        asked.call().envelope().model(), asked.call().envelope().overrides())
                : quotes.of(asked.deploymentId(), asked.upstreamModel());
        TopUp topUp = new TopUp(new TopUp.Need(asked, quote.asked(wants), hedged ? 2 : 1, priced), ticket, desk, zone);
        String callId = asked.call().id();
        Future<Held> decided = topUp.begin();
        if (!decided.isComplete()) {
            waiting.put(callId, topUp);
        }
        return decided.map(held -> {
            waiting.remove(callId, topUp);
            return held;
        });
    }

    /** Nobody waits for the call any more. */
    void abandon(String callId) {
        TopUp topUp = waiting.isEmpty() ? null : waiting.remove(callId);
        if (topUp != null) {
            topUp.abandon();
        }
    }
}
