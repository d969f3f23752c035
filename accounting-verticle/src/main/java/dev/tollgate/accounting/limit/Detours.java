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

/**
 * Models that a call has fallen back to. Their own limits, those of a key for one model, hold for it as well, and each counts what was
 * used of its model only. Lives on one lane.
 */
final class Detours {
    private final Set<Holder> first;
    private final Map<String, Set<Holder>> entered = new HashMap<>(2);

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

    /** Whether that model's limits allow it already. */
    boolean entered(String model) {
        return entered.containsKey(model);
    }

    /** They do not any more. */
    void leave(String model) {
        entered.remove(model);
    }

    /** They do; {@code concerned}: all whom a call of that model concerns. */
    void enter(String model, List<Party> concerned) {
        entered.put(model, ofModels(concerned));
    }

    /** An attempt is about to be made under that model's name. */
    void attempt(String deploymentId, String model) {
        attempts.put(deploymentId, model);
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
        Set<Holder> counting = model == null ? first : entered.getOrDefault(model, Set.of());
        return counting.contains(party.holder());
    }
}
