package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Spend by tag. A call with several tags counts for each of them, so that tags may come to more than all calls did. */
record Tags(Map<String, Long> nanos, Map<String, Long> calls) {

    /** Of sums by {@link Part#TAGS}; {@code only} some tags, or all. */
    static Tags of(List<Sum> sums, Set<String> only) {
        Map<String, Long> nanos = new TreeMap<>();
        Map<String, Long> calls = new TreeMap<>();
        for (Sum sum : sums) {
            of(sum).filter(tag -> only.isEmpty() || only.contains(tag)).forEach(tag -> {
                nanos.merge(tag, sum.nanos(), Long::sum);
                calls.merge(tag, sum.requests(), Long::sum);
            });
        }
        return new Tags(nanos, calls);
    }

    /** Tags of a sum's calls. */
    static Stream<String> of(Sum sum) {
        return Stream.of(sum.text(Part.TAGS).split(","))
                .filter(tag -> !tag.isEmpty())
                .distinct();
    }

    JsonArray names() {
        return new JsonArray(List.copyOf(nanos.keySet()));
    }

    /** Most expensive first; the two names are those of the members for the tag and for its spend. */
    JsonArray list(String tag, String spend) {
        JsonArray list = new JsonArray();
        nanos.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(each -> list.add(new JsonObject()
                        .put(tag, each.getKey())
                        .put(spend, Money.dollars(each.getValue()))
                        .put("log_count", calls.get(each.getKey()))));
        return list;
    }
}
