package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@link AlertSettings}. No message quotes an address: it is a secret. */
final class AlertReader {
    /** What is sent here. */
    static final List<String> TYPES =
            List.of("budget_alerts", "failed_tracking_spend", "cooldown_deployment", "outage_alerts", "llm_too_slow");

    /** LiteLLM's other types; accepted so that a configuration keeps working. */
    private static final List<String> NOT_HERE = List.of(
            "llm_exceptions",
            "llm_requests_hanging",
            "region_outage_alerts",
            "daily_reports",
            "spend_reports",
            "db_exceptions",
            "new_model_added",
            "fallback_reports",
            "new_virtual_key_created",
            "virtual_key_updated",
            "virtual_key_deleted",
            "new_team_created",
            "team_updated",
            "team_deleted",
            "new_internal_user_created",
            "internal_user_updated",
            "internal_user_deleted");

    private final Section general;
    private final Environment environment;
    private final Problems problems;

    AlertReader(Section general, Environment environment, Problems problems) {
        this.general = general;
        this.environment = environment;
        this.problems = problems;
    }

    AlertSettings read() {
        List<String> ways = general.texts("alerting");
        for (String way : ways) {
            if (!way.equals("slack") && !way.equals("webhook")) {
                problems.warn(
                        general.origin("alerting"),
                        "`alerting` by " + way + " does nothing here; slack and webhook do");
            }
        }
        Map<String, List<Secret>> places = places();
        Duration slow = general.seconds("alerting_threshold");
        return new AlertSettings(
                url(ways, "slack", "SLACK_WEBHOOK_URL", places.isEmpty()),
                url(ways, "webhook", "WEBHOOK_URL", true),
                AlertSettings.DEFAULT.again(),
                types(),
                slow == null ? AlertSettings.DEFAULT.slow() : slow,
                ways.contains("slack") ? places : Map.of());
    }

    private Set<String> types() {
        Set<String> types = new LinkedHashSet<>();
        for (String type : general.texts("alert_types")) {
            known("alert_types", general.origin("alert_types"), type);
            types.add(type);
        }
        return types;
    }

    private void known(String key, @Nullable Origin origin, String type) {
        if (NOT_HERE.contains(type)) {
            problems.warn(origin, "`" + key + "`: alerts of type " + type + " are not made here");
        } else if (!TYPES.contains(type)) {
            problems.warn(origin, "`" + key + "`: unknown type `" + type + "`" + Nearest.hint(type, all()));
        }
    }

    private static List<String> all() {
        List<String> all = new ArrayList<>(TYPES);
        all.addAll(NOT_HERE);
        return all;
    }

    private Map<String, List<Secret>> places() {
        Map<String, List<Secret>> places = new LinkedHashMap<>();
        Section urls = general.section("alert_to_webhook_url");
        for (String type : urls.keys()) {
            known("alert_to_webhook_url", urls.keyOrigin(type), type);
            List<Secret> found = new ArrayList<>();
            for (String url : urls.texts(type)) {
                if (address(url)) {
                    found.add(Secret.of(url.strip()));
                } else {
                    problems.warn(
                            urls.origin(type), "the address for " + type + " is no http(s) address, and is ignored");
                }
            }
            if (!found.isEmpty()) {
                places.put(type, List.copyOf(found));
            }
        }
        return places;
    }

    private @Nullable Secret url(List<String> ways, String way, String variable, boolean needed) {
        if (!ways.contains(way)) {
            return null;
        }
        String url = environment.get(variable);
        if (url != null && address(url)) {
            return Secret.of(url.strip());
        }
        if (needed) {
            problems.warn(
                    general.origin("alerting"),
                    "`alerting` names " + way + ", but " + variable
                            + " is not set to an http(s) address: only the log is told");
        }
        return null;
    }

    private static boolean address(String url) {
        return url.strip().matches("https?://[^/\\s]+.*");
    }
}
