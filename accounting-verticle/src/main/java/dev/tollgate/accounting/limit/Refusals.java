package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Held;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What callers are told when a limit stops them: LiteLLM's words and statuses, and when to come again. */
final class Refusals {
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
    private static final int SHOWN_ID = 12;

    private static final String CUT_OFF =
            "Budgets and limits cannot be checked: this node is cut off from others of its"
                    + " cluster; try again shortly, or use another node";

    private Refusals() {}

    /** A budget is spent, or what is left of it does not even pay for the prompt. */
    static Admission.Refused budget(
            Party party, long spent, long endMillis, int status, @Nullable String why, Instant now) {
        Limits limits = party.limits();
        String resets =
                endMillis == 0 ? "" : " Spend begins anew at " + UTC.format(Instant.ofEpochMilli(endMillis)) + ".";
        Failure failure = Failure.of(
                        FailureKind.BUDGET,
                        "Budget has been exceeded! " + name(party) + " Current cost: " + Money.text(spent)
                                + ", Max budget: " + Money.text(limits.budgetNanos()) + "."
                                + (why == null ? "" : " " + why) + resets)
                .withStatus(status)
                .withCode(Integer.toString(status));
        return new Admission.Refused(
                endMillis == 0 || status != 429
                        ? failure
                        : failure.withRetryAfter(Duration.between(now, Instant.ofEpochMilli(endMillis))),
                endMillis == 0
                        ? Map.of()
                        : Map.of("reset_at", Instant.ofEpochMilli(endMillis).toString()));
    }

    /** Why an attempt cannot be made on a deployment: LiteLLM's words when all is spent. */
    static Held.Over over(Party party, long spent, long endMillis) {
        String whose = party.descriptor() + " " + shown(party);
        long budget = party.limits().budgetNanos();
        return new Held.Over(
                spent >= budget
                        ? "Exceeded budget for " + whose + ": " + Money.text(spent) + " >= " + Money.text(budget)
                        : "Too little is left of the budget of " + whose + " for all that this call may cost: "
                                + Money.text(spent) + " of " + Money.text(budget)
                                + " USD are spent. Asking for fewer tokens (max_tokens) may help",
                endMillis);
    }

    /** What is left is set aside for calls under way, and they took too long. */
    static Admission.Refused waited(Party party) {
        return new Admission.Refused(
                Failure.of(
                                FailureKind.BUDGET,
                                "Budget nearly used up! " + name(party)
                                        + " What is left is set aside for calls under way; try again when they are done, or ask"
                                        + " for fewer tokens (max_tokens)")
                        .withStatus(FailureKind.RATE_LIMIT.status())
                        .withCode("429")
                        .withRetryAfter(Duration.ofSeconds(1)),
                Map.of());
    }

    /**
     * Too many requests, tokens or calls at once.
     *
     * @param type {@code requests}, {@code tokens} or {@code max_parallel_requests}
     */
    static Admission.Refused rate(Party party, String type, long limit, long used, long waitMillis, Instant now) {
        Instant resets = now.plusMillis(waitMillis);
        Failure failure = Failure.of(
                        FailureKind.RATE_LIMIT,
                        "Rate limit exceeded for " + party.descriptor() + ": " + shown(party) + ". Limit type: " + type
                                + ". Current limit: " + limit + ", Remaining: " + Math.max(0, limit - used)
                                + ". Limit resets at: " + UTC.format(resets))
                .withRetryAfter(Duration.ofMillis(waitMillis + 999));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("rate_limit_type", type);
        headers.put("reset_at", Long.toString(resets.getEpochSecond()));
        if (!type.equals("max_parallel_requests")) {
            headers.put("x-ratelimit-" + party.descriptor() + "-limit-" + type, Long.toString(limit));
            headers.put(
                    "x-ratelimit-" + party.descriptor() + "-remaining-" + type,
                    Long.toString(Math.max(0, limit - used)));
        }
        return new Admission.Refused(failure, headers);
    }

    /** A node of a cluster that cannot ask the others. */
    static Admission.Refused cutOff() {
        return refused(FailureKind.OVERLOADED, CUT_OFF);
    }

    /** The same, of an attempt. */
    static Held.Over unknown() {
        return new Held.Over(CUT_OFF, 0, true);
    }

    static Admission.Refused unpriced(String model) {
        return new Admission.Refused(
                Failure.of(
                                FailureKind.PERMISSION,
                                "No price is known for `" + model
                                        + "`, and `general_settings.unpriced_models` is `deny`. Set input_cost_per_token and"
                                        + " output_cost_per_token in its litellm_params")
                        .withParam("model"),
                Map.of());
    }

    static Admission.Refused refused(FailureKind kind, String message) {
        return new Admission.Refused(Failure.of(kind, message), Map.of());
    }

    static String name(Party party) {
        String what = switch (party.descriptor()) {
            case "api_key" -> "Key";
            case "model_per_key" -> "Key and model";
            case "team" -> "Team";
            case "team_member" -> "TeamMember";
            case "user" -> "User";
            case "end_user" -> "EndUser";
            case "organization" -> "Organization";
            case "tag" -> "Tag";
            case "organization_member" -> "OrganizationMember";
            case "model_per_team" -> "Team and model";
            case "model_per_user" -> "User and model";
            case "provider" -> "Provider";
            case "deployment" -> "Deployment";
            case "proxy" -> "Proxy";
            default -> "Model";
        };
        return what + "=" + shown(party);
    }

    /** A name, or enough of a hash to find it. */
    static String shown(Party party) {
        String name = party.shown() == null ? party.descriptor() : party.shown();
        return party.descriptor().equals("api_key") && name.length() == 64 ? name.substring(0, SHOWN_ID) + "…" : name;
    }
}
