package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A read-only question of the control plane to the room that owns the answer, such as the spend rows.
 *
 * @param what which question: {@link #STORE}, {@link #CALCULATE}, {@link #PROVIDER_BUDGETS}, {@link #END_USERS}, or one of {@link #REPORTS}
 * @param parameters its parameters, as in the query string
 * @param body the request's body, or null
 * @param scope what the caller may see
 */
public record Query(
        String what,
        Map<String, String> parameters,
        @Nullable Buffer body,
        Scope scope) {
    /** Spend rows, filtered by LiteLLM's parameters of {@code GET /spend/logs}. Answered as a JSON array. */
    public static final String SPEND_LOGS = "spend/logs";

    /** What a call would have cost: {@code POST /spend/calculate}. */
    public static final String CALCULATE = "spend/calculate";

    /** Whether the spend store took what it was last given; answered at once, as {@code {"works": true}}. */
    public static final String STORE = "store";

    /** What is left of the budgets of providers and deployments: LiteLLM's {@code GET /provider/budgets}. */
    public static final String PROVIDER_BUDGETS = "provider/budgets";

    /** Which end users spent most: LiteLLM's {@code POST /global/spend/end_users}, whose parameters stand in the body. */
    public static final String END_USERS = "global/spend/end_users";

    /** What was used each day, by whom: of each of these, and once more under the path for those who want all days on one page. */
    private static final List<String> ACTIVITIES = Stream.of(
                    "user", "team", "organization", "customer", "end_user", "tag")
            .map(of -> of + "/daily/activity")
            .flatMap(path -> Stream.of(path, path + "/aggregated"))
            .toList();

    /** Questions about spend, each under its path in LiteLLM's API, without the slash in front. All are {@code GET}. */
    public static final List<String> REPORTS = Stream.concat(
                    Stream.of(
                            SPEND_LOGS,
                            "spend/logs/v2",
                            "spend/keys",
                            "spend/users",
                            "spend/tags",
                            "global/spend",
                            "global/spend/logs",
                            "global/spend/keys",
                            "global/spend/models",
                            "global/spend/teams",
                            "global/spend/tags",
                            "global/spend/all_tag_names",
                            "global/spend/provider",
                            "global/spend/report",
                            "global/all_end_users",
                            "key/spend/report",
                            "user/spend/report",
                            "team/spend/report",
                            "organization/spend/report",
                            "global/activity",
                            "global/activity/model"),
                    ACTIVITIES.stream())
            .toList();

    /**
     * Whose spend may be seen; with neither, everyone's.
     *
     * @param user only this user's, or null
     * @param keyHash only this key's, or null
     * @param teams beside the user's own, all of these teams'
     */
    public record Scope(@Nullable String user, @Nullable String keyHash, List<String> teams) {
        /** Everyone's. */
        public static final Scope ALL = new Scope(null, null);

        public Scope {
            teams = List.copyOf(teams);
        }

        /** Of no team. */
        public Scope(@Nullable String user, @Nullable String keyHash) {
            this(user, keyHash, List.of());
        }

        /** The same with all that these teams spent. */
        public Scope with(List<String> managed) {
            return new Scope(user, keyHash, managed);
        }

        /**
         * What this caller may see: everything with a role for it, else what all keys of the same user spent, else, for a key that
         * belongs to nobody, what that key spent.
         */
        public static Scope of(Caller caller) {
            if (caller.role().seesAll()) {
                return ALL;
            }
            return caller.userId() != null
                    ? new Scope(caller.userId(), null)
                    : new Scope(null, caller.keyHash() == null ? "" : caller.keyHash());
        }
    }

    public Query {
        parameters = Map.copyOf(parameters);
    }

    /** Whether it is for those only who may see everything: end users belong to nobody among the gateway's users. */
    public boolean aboutEndUsers() {
        return what.equals(END_USERS)
                || what.equals("global/all_end_users")
                || what.startsWith("customer/")
                || what.startsWith("end_user/");
    }

    /** The same question of another scope. */
    public Query within(Scope other) {
        return new Query(what, parameters, body, other);
    }

    /** By somebody who may see everything. */
    public Query(String what, Map<String, String> parameters) {
        this(what, parameters, null, Scope.ALL);
    }
}
