package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Models that a call has fallen back to. Their own limits, those of a key for one model, hold for it as well, and each counts what was
 * used of its model only. Lives on one lane.
 */
final class Detours {
    /** A model whose limits allow the call. */
    private static final class Visit {
        final Set<Holder> holders;
        final Ticket beside;

        /** Attempts that are not decided yet. */
        int asking;

        /** Whether an attempt of it was made. */
        boolean made;

        Visit(Set<Holder> holders, Ticket beside) {
            this.holders = holders;
            this.beside = beside;
        }
    }

    private final Set<Holder> first;
    private final Map<String, Visit> entered = new HashMap<>(2);

    /** Under which of these names attempts were made, by deployment; of one that was tried under two the later. */
    private final Map<String, String> attempts = new HashMap<>(2);

    /** {@code concerned}: by the model that the call was let in for. */
    Detours(List<Party> concerned) {
        this.first = ofModels(concerned);
    }

    private static Set<Holder> ofModels(List<Party> concerned) {
        return concerned.stream().map(Party::holder).filter(Detours::ofModel).collect(Collectors.toSet());
    }

    private static boolean ofModel(Holder holder) {
        return holder.part() == Holder.Part.MODEL;
    }

    /** Another attempt of a model whose limits allow it already; false: nobody has asked them. */
    boolean joins(String model, String deploymentId) {
        Visit visit = entered.get(model);
        if (visit == null) {
            return false;
        }
        asks(visit, model, deploymentId);
        return true;
    }

    /**
     * An attempt of a model whose limits allow it.
     *
     * @param concerned all whom a call of that model concerns
     * @param beside what was counted for it
     */
    void enter(String model, String deploymentId, List<Party> concerned, Ticket beside) {
        Visit visit = new Visit(ofModels(concerned), beside);
        entered.put(model, visit);
        asks(visit, model, deploymentId);
    }

    private void asks(Visit visit, String model, String deploymentId) {
        visit.asking++;
        attempts.put(deploymentId, model);
    }

    /**
     * Whether an attempt is made that has entered.
     *
     * @return what was counted for the model when it is not used after all, or null
     */
    @Nullable Ticket decided(String model, String deploymentId, boolean made) {
        Visit visit = entered.get(model);
        if (visit == null) {
            return null;
        }
        visit.asking--;
        visit.made |= made;
        if (visit.made || visit.asking > 0) {
            return null;
        }
        entered.remove(model);
        attempts.remove(deploymentId, model);
        return visit.beside;
    }

    /**
     * What of a call counts for one party.
     *
     * @param all what the whole call cost or used
     * @param part the same of an earlier part of it
     */
    long share(Party party, Settlement settlement, long all, ToLongFunction<Leg> part) {
        long last = all;
        long share = 0;
        for (Leg leg : settlement.earlier()) {
            long one = part.applyAsLong(leg);
            last -= one;
            share += concerns(party, leg.deploymentId()) ? one : 0;
        }
        return concerns(party, settlement.route().deploymentId()) ? share + last : share;
    }

    /** Whether an attempt on that deployment counts for a party. */
    boolean concerns(Party party, String deploymentId) {
        if (!ofModel(party.holder())) {
            return true;
        }
        String model = attempts.get(deploymentId);
        Visit visit = model == null ? null : entered.get(model);
        return (visit == null ? first : visit.holders).contains(party.holder());
    }
}
