package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code GET /global/activity} and {@code /global/activity/model}: calls and tokens a day. */
final class Activity {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMM dd", Locale.ENGLISH);
    private static final int MOST_MODELS = 10;

    private Activity() {}

    static JsonObject all(List<Sum> sums) {
        JsonArray days = new JsonArray();
        sums.stream()
                .sorted(Comparator.comparing(sum -> sum.text(Part.DAY)))
                .forEach(sum -> days.add(new JsonObject()
                        .put("date", DAY.format(LocalDate.parse(sum.text(Part.DAY))))
                        .put("api_requests", sum.requests())
                        .put("total_tokens", sum.tokens())));
        return new JsonObject()
                .put("daily_data", days)
                .put("sum_api_requests", requests(sums))
                .put("sum_total_tokens", sums.stream().mapToLong(Sum::tokens).sum());
    }

    private static long requests(List<Sum> sums) {
        return sums.stream().mapToLong(Sum::requests).sum();
    }

    /** Those with the most calls first. */
    static JsonArray byModel(List<Sum> sums) {
        JsonArray models = new JsonArray();
        sums.stream().collect(Collectors.groupingBy(sum -> sum.text(Part.MODEL_GROUP))).entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, List<Sum>> model) -> requests(model.getValue()))
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .limit(MOST_MODELS)
                .forEach(model ->
                        models.add(new JsonObject().put("model", model.getKey()).mergeIn(all(model.getValue()))));
        return models;
    }
}
