package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@link BudgetSettings}. */
final class BudgetReader {
    private static final Pattern DURATION = Pattern.compile("[1-9]\\d{0,5}\\s*(s|m|h|d|w|mo)");

    private final Section library;
    private final Section general;
    private final Environment environment;
    private final Problems problems;

    BudgetReader(Section library, Section general, Environment environment, Problems problems) {
        this.library = library;
        this.general = general;
        this.environment = environment;
        this.problems = problems;
    }

    BudgetSettings read() {
        Long status = library.whole("budget_exceeded_status_code");
        return new BudgetSettings(
                most(), duration(), status == null ? 422 : status(status), zone(), unpriced(), alerts());
    }

    /** As in LiteLLM, 0 is no budget. */
    private @Nullable BigDecimal most() {
        BigDecimal most = library.number("max_budget");
        return most == null || most.signum() == 0 ? null : most;
    }

    private @Nullable String duration() {
        String text = library.text("budget_duration");
        if (text == null || DURATION.matcher(text.strip()).matches()) {
            return text;
        }
        problems.error(
                library.origin("budget_duration"),
                "`budget_duration` must be a number and s, m, h, d, w or mo, such as 30d, not `" + text + "`");
        return null;
    }

    private int status(long status) {
        if (status >= 400 && status < 600) {
            return (int) status;
        }
        problems.error(
                library.origin("budget_exceeded_status_code"),
                "`budget_exceeded_status_code` must be a status of an error, 400 to 599, not " + status);
        return BudgetSettings.DEFAULT.exceededStatus();
    }

    private ZoneId zone() {
        String name = library.text("timezone");
        try {
            return name == null ? BudgetSettings.DEFAULT.zone() : ZoneId.of(name.strip());
        } catch (DateTimeException _) {
            problems.error(
                    library.origin("timezone"),
                    "`timezone` must be a name of the IANA list, such as Europe/Berlin, not `" + name + "`");
            return BudgetSettings.DEFAULT.zone();
        }
    }

    private BudgetSettings.Unpriced unpriced() {
        boolean refused = Boolean.TRUE.equals(library.flag("block_requests_for_models_without_pricing"));
        String policy = general.text("unpriced_models");
        if (policy == null) {
            return refused ? BudgetSettings.Unpriced.DENY : BudgetSettings.DEFAULT.unpriced();
        }
        for (BudgetSettings.Unpriced known : BudgetSettings.Unpriced.values()) {
            if (known.name().equals(policy.strip().toUpperCase(Locale.ROOT).replace('-', '_'))) {
                return known;
            }
        }
        problems.error(
                general.origin("unpriced_models"),
                "`unpriced_models` must be deny, estimate or allow-and-alarm, not `" + policy + "`");
        return BudgetSettings.DEFAULT.unpriced();
    }

    private AlertSettings alerts() {
        List<String> ways = general.texts("alerting");
        for (String way : ways) {
            if (!way.equals("slack") && !way.equals("webhook")) {
                problems.warn(
                        general.origin("alerting"),
                        "`alerting` by " + way + " does nothing here; slack and webhook do");
            }
        }
        return new AlertSettings(
                url(ways, "slack", "SLACK_WEBHOOK_URL"),
                url(ways, "webhook", "WEBHOOK_URL"),
                AlertSettings.DEFAULT.again());
    }

    private @Nullable Secret url(List<String> ways, String way, String variable) {
        if (!ways.contains(way)) {
            return null;
        }
        String url = environment.get(variable);
        if (url == null || !url.strip().matches("https?://[^/\\s]+.*")) {
            problems.warn(
                    general.origin("alerting"),
                    "`alerting` names " + way + ", but " + variable
                            + " is not set to an http(s) address: only the log is told");
            return null;
        }
        return Secret.of(url.strip());
    }
}
