package dev.tollgate.config;

import java.math.BigDecimal;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How money is looked after: parts of {@code litellm_settings} and {@code general_settings}.
 *
 * @param most {@code max_budget}: USD that all calls together may cost in each period, or null
 * @param duration {@code budget_duration}: the period of {@code most} ({@code 1d}, {@code 30d} …), or null: for ever
 * @param exceededStatus {@code budget_exceeded_status_code}: HTTP status when a budget is spent; 422 by default, as in LiteLLM
 * @param zone {@code timezone}: where days and months of budgets begin; UTC by default
 * @param unpriced {@code unpriced_models}: what to do with calls to models without a price
 * @param alerts where to say that a budget nears its end
 * @param tags {@code tag_budget_config}: budgets of tags that the admin API gives none
 */
public record BudgetSettings(
        @Nullable BigDecimal most,
        @Nullable String duration,
        int exceededStatus,
        ZoneId zone,
        Unpriced unpriced,
        AlertSettings alerts,
        Map<String, Allowance> tags) {
    /** LiteLLM's defaults. */
    public static final BudgetSettings DEFAULT =
            new BudgetSettings(null, null, 422, ZoneOffset.UTC, Unpriced.ALLOW_AND_ALARM, AlertSettings.DEFAULT);

    public BudgetSettings {
        tags = Map.copyOf(tags);
    }

    /** Without budgets of tags. */
    public BudgetSettings(
            @Nullable BigDecimal most,
            @Nullable String duration,
            int exceededStatus,
            ZoneId zone,
            Unpriced unpriced,
            AlertSettings alerts) {
        this(most, duration, exceededStatus, zone, unpriced, alerts, Map.of());
    }

    /** What to do with calls to models without a price. */
    public enum Unpriced {
        /** They are refused. */
        DENY,
        /** They cost what the dearest model of this configuration would. */
        ESTIMATE,
        /** They are made, counted, logged and recorded as unpriced. */
        ALLOW_AND_ALARM
    }
}
