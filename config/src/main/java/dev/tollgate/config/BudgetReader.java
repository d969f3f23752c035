package dev.tollgate.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@link BudgetSettings}. */
final class BudgetReader {
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
                most(),
                AllowanceReader.duration(library, "budget_duration", problems),
                status == null ? 422 : status(status),
                zone(),
                unpriced(),
                new AlertReader(general, environment, problems).read(),
                AllowanceReader.named(library, "tag_budget_config", problems));
    }

    /** As in LiteLLM, 0 is no budget. */
    private @Nullable BigDecimal most() {
        BigDecimal most = library.number("max_budget");
        return most == null || most.signum() == 0 ? null : most;
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
}
