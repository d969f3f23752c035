package dev.tollgate.accounting;

import static dev.tollgate.accounting.SpendRow.clipped;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.limit.Charged;
import dev.tollgate.accounting.price.Bill;
import dev.tollgate.accounting.price.Cost;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.PartId;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a settled call. Its last part, nearly always the only one, has the call's id, times and outcome; an earlier part has a row
 * when it cost or used anything, or nobody knows, with its own deployment, model, tokens and cost. All begin when the call began, so that
 * they are of one day.
 */
final class CallRows {
    private CallRows() {}

    /**
     * A call without an answer ends with the attempt that was made last. What that is taken to have used comes as an earlier part, as with
     * the attempts before it, and is the last part's here.
     */
    static Settlement ended(Settlement settlement) {
        List<Leg> legs = settlement.earlier();
        if (legs.isEmpty()
                || settlement.failure() == null
                || !settlement.usage().equals(Usage.NONE)) {
            return settlement;
        }
        Leg leg = legs.getLast();
        Answer.Route route = settlement.route();
        return leg.answered()
                        || !leg.deploymentId().equals(route.deploymentId())
                        || !leg.upstreamModel().equals(route.upstreamModel())
                ? settlement
                : new Settlement(
                        settlement.callId(),
                        settlement.surface(),
                        settlement.caller(),
                        settlement.endUser(),
                        settlement.tags(),
                        settlement.requestedModel(),
                        leg.reportedModel(),
                        route,
                        leg.usage(),
                        settlement.stream(),
                        settlement.startedAtMillis(),
                        settlement.durationMillis(),
                        settlement.firstTokenMillis(),
                        settlement.status(),
                        settlement.failure(),
                        legs.subList(0, legs.size() - 1));
    }

    /** When the call was over, as its row will tell. */
    static Instant end(Settlement settlement) {
        return end(settlement, finite(settlement.durationMillis()));
    }

    /** When each of its earlier parts was over, as their rows will tell: those have the time of the attempt, until its head. */
    static List<Instant> earlierEnds(Settlement settlement) {
        List<Instant> ends = new ArrayList<>(settlement.earlier().size());
        for (Tried attempt : attempts(settlement)) {
            ends.add(end(settlement, took(attempt)));
        }
        return ends;
    }

    private static Instant end(Settlement settlement, double millis) {
        return Instant.ofEpochMilli(SpendRow.endMillis(settlement.startedAtMillis(), millis));
    }

    /** The last part's row. */
    static SpendRow last(Settlement settlement, Cost cost, List<Charge> charges) {
        Answer.Route route = settlement.route();
        String sent = settlement.upstreamModel() != null ? settlement.upstreamModel() : route.upstreamModel();
        return new SpendRow(
                settlement.callId(),
                settlement.surface().callType(),
                settlement.caller().keyHash(),
                settlement.caller().userId(),
                settlement.caller().teamId(),
                settlement.endUser() == null ? null : clipped(settlement.endUser()),
                clipped(settlement.requestedModel()),
                // A call that reached no deployment is known by the name it asked for.
                clipped(sent.isEmpty() ? settlement.requestedModel() : sent),
                route.deploymentId(),
                route.modelGroup(),
                route.provider(),
                route.apiBase(),
                clipped(String.join(",", settlement.tags())),
                clipped(route.story()),
                settlement.failure() == null ? null : settlement.failure().name(),
                settlement.usage(),
                cost.nanos(),
                cost.priced(),
                settlement.stream(),
                settlement.status(),
                settlement.startedAtMillis(),
                finite(settlement.durationMillis()),
                finite(settlement.firstTokenMillis()),
                charges,
                cost.priceVersion());
    }

    /**
     * Rows of the parts before the last one, in their order, then the last one's.
     *
     * @param known deployments by id, as far as they are known
     */
    static List<SpendRow> all(
            Settlement settlement, Bill bill, Charged charged, Function<String, @Nullable Deployment> known) {
        SpendRow last = last(settlement, bill.last(), charged.last());
        List<SpendRow> rows = new ArrayList<>(settlement.earlier().size() + 1);
        List<@Nullable Tried> attempts = attempts(settlement);
        for (int i = 0; i < settlement.earlier().size(); i++) {
            Leg leg = settlement.earlier().get(i);
            Cost cost = bill.earlier().get(i);
            if (cost.nanos() != 0 || !cost.priced() || leg.usage().total() != 0) {
                Place place = Place.of(attempts.get(i), known.apply(leg.deploymentId()), last);
                rows.add(
                        earlier(last, i + 1, leg, place, cost, charged.earlier().get(i)));
            }
        }
        rows.add(last);
        return rows;
    }

    /** The attempt that each earlier part was, in their order; null: it is not known. */
    private static List<@Nullable Tried> attempts(Settlement settlement) {
        List<Tried> made = new ArrayList<>(settlement.route().attempts());
        List<@Nullable Tried> attempts = new ArrayList<>(settlement.earlier().size());
        for (Leg leg : settlement.earlier()) {
            attempts.add(taken(made, leg));
        }
        return attempts;
    }

    /** The attempt that this part was, of those that were made; taken out, for a deployment may have been tried twice. */
    private static @Nullable Tried taken(List<Tried> attempts, Leg leg) {
        Tried found = null;
        for (Tried attempt : attempts) {
            if (attempt.status() != 0
                    && attempt.deploymentId().equals(leg.deploymentId())
                    && (found == null || leg.answered() && attempt.broke() && !found.broke())) {
                found = attempt;
            }
        }
        if (found != null) {
            attempts.remove(found);
        }
        return found;
    }

    /** Where a part went, and what came of it. */
    private record Place(
            String group,
            String provider,
            String apiBase,
            int status,
            @Nullable String failure,
            double millis) {
        static Place of(@Nullable Tried attempt, @Nullable Deployment deployment, SpendRow last) {
            String base = deployment == null ? "" : deployment.apiBase();
            if (attempt != null) {
                return new Place(
                        attempt.modelGroup(),
                        attempt.provider(),
                        base,
                        attempt.status(),
                        attempt.trouble(),
                        took(attempt));
            }
            return new Place(
                    deployment == null ? last.modelGroup() : deployment.group(),
                    deployment == null ? "" : deployment.provider().name(),
                    base,
                    last.status(),
                    null,
                    took(null));
        }
    }

    private static SpendRow earlier(SpendRow last, int number, Leg leg, Place place, Cost cost, List<Charge> charges) {
        return new SpendRow(
                PartId.of(last.callId(), number),
                last.callType(),
                last.keyHash(),
                last.user(),
                last.team(),
                last.endUser(),
                last.requestedModel(),
                clipped(leg.reportedModel() != null ? leg.reportedModel() : leg.upstreamModel()),
                leg.deploymentId(),
                place.group(),
                place.provider(),
                place.apiBase(),
                last.tags(),
                last.route(),
                place.failure(),
                leg.usage(),
                cost.nanos(),
                cost.priced(),
                last.stream(),
                place.status(),
                last.startedAtMillis(),
                place.millis(),
                -1,
                charges,
                cost.priceVersion());
    }

    /** How long the row of a part says that it took. */
    private static double took(@Nullable Tried attempt) {
        return attempt == null ? 0 : finite(attempt.millis());
    }

    private static double finite(double millis) {
        return Double.isFinite(millis) ? millis : -1;
    }
}
