package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call has in common with many others: texts in the order of {@link #TEXTS}, and the four values behind them.
 *
 * @param chargedTo whom its calls count for, as {@link ChargedTo} writes them; null: that is not written down, or they cost nothing
 */
record Context(
        List<@Nullable String> texts,
        int status,
        boolean priced,
        boolean stream,
        boolean reported,
        @Nullable String chargedTo) {
    /** Columns of {@code spend_contexts} that are texts. */
    static final List<String> TEXTS = List.of(
            "call_type",
            "api_key",
            "user_id",
            "team_id",
            "end_user",
            "requested_model",
            "model",
            "model_id",
            "model_group",
            "provider",
            "api_base",
            "request_tags",
            "route",
            "failure");

    static Context of(SpendRow row, @Nullable String chargedTo) {
        return new Context(
                Arrays.asList(
                        row.callType(),
                        clean(row.keyHash()),
                        clean(row.user()),
                        clean(row.team()),
                        clean(row.endUser()),
                        clean(row.requestedModel()),
                        clean(row.model()),
                        row.modelId(),
                        clean(row.modelGroup()),
                        row.provider(),
                        row.apiBase(),
                        clean(row.tags()),
                        clean(row.route()),
                        row.failure()),
                row.status(),
                row.priced(),
                row.stream(),
                row.usage().reported(),
                chargedTo);
    }

    /** As it is stored. */
    static Context of(Columns row) {
        List<@Nullable String> texts = new ArrayList<>();
        TEXTS.forEach(column -> texts.add(row.text(column)));
        return new Context(
                texts,
                (int) row.whole("status"),
                row.flag("priced"),
                row.flag("stream"),
                row.flag("usage_reported"),
                row.text("payers"));
    }

    /** PostgreSQL takes no NUL in a text, and would refuse all rows of a batch for the one that a client put it into. */
    private static @Nullable String clean(@Nullable String text) {
        return text == null || text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }

    /** One of the texts; empty for none. */
    String text(String column) {
        String text = texts.get(TEXTS.indexOf(column));
        return text == null ? "" : text;
    }

    /** The daily sums that its calls belong to. */
    DailySpend.Group group(long day) {
        return new DailySpend.Group(
                day,
                text("api_key"),
                text("user_id"),
                text("team_id"),
                text("model_group"),
                text("model"),
                text("provider"));
    }

    boolean failed() {
        return texts.getLast() != null;
    }

    byte[] digest() {
        String rest = "" + status + priced + stream + reported;
        // Those of earlier releases have none.
        return Digest.of(texts, chargedTo == null ? rest : rest + ' ' + chargedTo);
    }
}
