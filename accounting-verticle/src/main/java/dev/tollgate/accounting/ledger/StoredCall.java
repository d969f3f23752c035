package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.PriceMark;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A call as it is stored, with what its price depends on. */
public final class StoredCall {
    private final Object id;
    private final Context context;
    private final long startMillis;
    private final long endMillis;
    private final long nanos;
    private final Usage usage;
    private final @Nullable String priceVersion;
    private final boolean part;

    private StoredCall(
            Object id,
            Context context,
            long startMillis,
            long endMillis,
            long nanos,
            Usage usage,
            @Nullable String priceVersion,
            boolean part) {
        this.id = id;
        this.context = context;
        this.startMillis = startMillis;
        this.endMillis = endMillis;
        this.nanos = nanos;
        this.usage = usage;
        this.priceVersion = priceVersion;
        this.part = part;
    }

    /** Reads a row of {@code spend} with its context. */
    static StoredCall of(Columns row) {
        boolean reported = row.flag("usage_reported");
        String tier = row.text("service_tier");
        String version = row.text("price_version");
        PriceMark mark = PriceMark.read(version == null ? "" : version);
        return new StoredCall(
                Objects.requireNonNull(row.get("request_id")),
                Context.of(row),
                row.whole("start_millis"),
                SpendRow.endMillis(row.whole("start_millis"), (double) row.whole("duration_ms")),
                row.whole("spend_nanos"),
                new Usage(
                                row.whole("prompt_tokens"),
                                row.whole("cache_read_tokens"),
                                row.whole("cache_write_tokens"),
                                row.whole("cache_write_hour_tokens"),
                                row.whole("audio_prompt_tokens"),
                                row.whole("completion_tokens"),
                                row.whole("reasoning_tokens"),
                                row.whole("audio_completion_tokens"),
                                row.whole("web_searches"),
                                reported)
                        .in(tier == null ? null : ServiceTier.named(tier))
                        .withPictures(
                                PriceMark.pictures(row.get("image_prompt_tokens"), mark.imagePrompt()),
                                PriceMark.pictures(row.get("image_completion_tokens"), mark.imageCompletion())),
                version,
                row.get("part_of") != null);
    }

    /** Calls of a time, in its order, behind one that was seen before; the values are those of {@link #values}. */
    static String question(Sql sql, boolean ofModel, boolean further, int most) {
        int next = 3;
        StringBuilder text = new StringBuilder("SELECT s.*, c.*, p.payers FROM ")
                .append(sql.table("spend"))
                .append(" s JOIN ")
                .append(sql.table("spend_contexts"))
                .append(" c ON c.id = s.context LEFT JOIN ")
                .append(sql.table("spend_payers"))
                .append(" p ON p.context = s.context WHERE start_millis >= ")
                .append(sql.parameter(1))
                .append(" AND start_millis < ")
                .append(sql.parameter(2));
        if (ofModel) {
            text.append(" AND (model = ").append(sql.parameter(next++));
            text.append(" OR model_group = ").append(sql.parameter(next++)).append(')');
        }
        if (further) {
            text.append(" AND (start_millis > ").append(sql.parameter(next++));
            text.append(" OR start_millis = ").append(sql.parameter(next++));
            text.append(" AND request_id > ").append(sql.parameter(next)).append(')');
        }
        return text.append(" ORDER BY start_millis, request_id LIMIT ")
                .append(most)
                .toString();
    }

    static List<Object> values(Wanted calls) {
        List<Object> values = new ArrayList<>(List.of(calls.fromMillis(), calls.untilMillis()));
        String model = calls.model();
        StoredCall after = calls.after();
        if (model != null) {
            values.addAll(List.of(model, model));
        }
        if (after != null) {
            values.addAll(List.of(after.startMillis, after.startMillis, after.id));
        }
        return values;
    }

    /** Concrete model. */
    public String model() {
        return context.text("model");
    }

    /** Deployment that answered. */
    public String deployment() {
        return context.text("model_id");
    }

    /** Name under which it stands with others. */
    public String modelGroup() {
        return context.text("model_group");
    }

    /**
     * Whether tokens of several deployments may stand in one sum: an earlier release wrote it, which had one row for all parts of a
     * call, and more than one attempt was made and not called off.
     */
    public boolean mixed() {
        if (priceVersion != null) {
            return false;
        }
        int made = 0;
        for (String step : context.text("route").split(" > ", -1)) {
            made += step.endsWith("=over-budget") || step.endsWith("=called-off") ? 0 : 1;
        }
        return made > 1;
    }

    /** What it was priced by; empty: by nothing, null: it is not known. */
    public @Nullable String priceVersion() {
        return priceVersion == null ? null : PriceMark.read(priceVersion).version();
    }

    /** What is to stand in that column from now on: with pictures, where there is no other place that has them. */
    @Nullable String marked(@Nullable String version) {
        boolean pictures = priceVersion != null && !priceVersion.equals(priceVersion());
        return version == null || !pictures
                ? version
                : PriceMark.of(version, usage).text();
    }

    /** Whether it is an earlier part of a call. */
    public boolean part() {
        return part;
    }

    /** When it was over; prices of some hours hold by that. */
    public Instant end() {
        return Instant.ofEpochMilli(endMillis);
    }

    /** Tokens by kind. */
    public Usage usage() {
        return usage;
    }

    /** What it cost, in nano-dollars. */
    public long nanos() {
        return nanos;
    }

    Object id() {
        return id;
    }

    /** Its context once it has a price. A call that cost nothing before counts for nobody, see {@link Repriced}. */
    Context pricedContext() {
        String chargedTo = context.chargedTo() == null && nanos == 0 ? "" : context.chargedTo();
        return new Context(context.texts(), context.status(), true, context.stream(), context.reported(), chargedTo);
    }

    /** Whom all of it counts for, as far as that is written down. */
    Set<Holder> chargedTo() {
        String text = context.chargedTo();
        return text == null ? Set.of() : ChargedTo.of(text).whole();
    }

    /** Whether it ended when that period had begun. */
    boolean endedSince(long periodMillis) {
        return endMillis >= periodMillis;
    }

    /** Counts a changed cost for its day, and for all who spent it in their present period. */
    void changed(long more, Map<DailySpend.Group, DailySpend.Sums> daily, BalanceSums balances, Payers payers) {
        if (more == 0) {
            return;
        }
        daily.merge(
                context.group(Math.floorDiv(startMillis, DailySpend.DAY_MILLIS)),
                new DailySpend.Sums(0, 0, 0, 0, more),
                DailySpend.Sums::plus);
        for (Holder holder : holders(payers)) {
            changed(more, holder, balances, payers);
            if (holder.kind() == Kind.USER && !context.text("team_id").isEmpty()) {
                // A user's budgets for models and windows are for personal keys: the gateway does not charge them
                // either.
                continue;
            }
            for (Holder part : payers.parts(holder, limitedModel())) {
                changed(more, part, balances, payers);
            }
        }
    }

    /**
     * The model whose limits it counted for: the one that the client named while the call was where it went first, else the one that it
     * had fallen back to.
     */
    private String limitedModel() {
        String group = context.text("model_group");
        String route = context.text("route");
        int end = route.indexOf('=');
        boolean fellBack = end > 0 && !(route.startsWith(group + "/") && end - group.length() - 1 <= Tried.SHORT);
        return fellBack && !group.isEmpty() ? group : context.text("requested_model");
    }

    private void changed(long more, Holder holder, BalanceSums balances, Payers payers) {
        Long period = payers.period(holder);
        if (period != null && period <= startMillis) {
            balances.add(new Charge(holder, period), more);
        }
    }

    private List<Holder> holders(Payers payers) {
        List<Holder> holders = new ArrayList<>(List.of(Holder.ALL));
        String key = payers.account(context.text("api_key"));
        String user = context.text("user_id");
        String team = context.text("team_id");
        String customer = context.text("end_user");
        if (!key.isEmpty()) {
            holders.add(new Holder(Kind.KEY, key));
        }
        if (!user.isEmpty()) {
            holders.add(new Holder(Kind.USER, user));
        }
        if (!team.isEmpty()) {
            holders.add(new Holder(Kind.TEAM, team));
            holders.add(Holder.member(team, user));
        }
        String organization = payers.organization(context.text("api_key"), team);
        if (organization != null) {
            holders.add(new Holder(Kind.ORGANIZATION, organization));
            holders.add(new Holder(Kind.ORGANIZATION_MEMBER, organization + '\n' + user));
        }
        if (!customer.isEmpty()) {
            holders.add(new Holder(Kind.CUSTOMER, customer));
        }
        holders.add(new Holder(Kind.PROVIDER, context.text("provider")));
        holders.add(new Holder(Kind.DEPLOYMENT, context.text("model_id")));
        for (String tag : context.text("request_tags").split(",")) {
            holders.add(new Holder(Kind.TAG, tag));
        }
        return holders;
    }
}
