package dev.tollgate.config;

import java.time.Duration;

/** Reads the settings of health checks. */
final class HealthReader {
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final Section general;
    private final Section router;
    private final Problems problems;

    HealthReader(Section general, Section router, Problems problems) {
        this.general = general;
        this.router = router;
        this.problems = problems;
    }

    GeneralSettings.HealthChecks read() {
        return new GeneralSettings.HealthChecks(
                Boolean.TRUE.equals(general.flag("background_health_checks")),
                interval(),
                Boolean.TRUE.equals(general.flag("enable_health_check_routing"))
                        || Boolean.TRUE.equals(router.flag("enable_health_check_routing")));
    }

    /** Every check is a call that costs money, so there is a pause between two rounds whatever is written. */
    private Duration interval() {
        Duration asked = general.seconds("health_check_interval");
        if (asked == null) {
            return GeneralSettings.HealthChecks.OFF.interval();
        }
        if (asked.compareTo(SHORTEST) >= 0) {
            return asked;
        }
        problems.warn(
                general.origin("health_check_interval"), "`health_check_interval` is taken as 1 second, the least");
        return SHORTEST;
    }
}
