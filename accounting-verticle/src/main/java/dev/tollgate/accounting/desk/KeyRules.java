package dev.tollgate.accounting.desk;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.MakingSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code litellm_settings} says about what is made.
 *
 * @param defaults {@code default_key_generate_params}: for fields that a request for a key leaves out
 * @param ceilings {@code upperbound_key_generate_params}: more is refused, and nothing said means this much
 * @param settings {@code key_generation_settings}: who may make keys, and with which fields
 * @param user {@code default_internal_user_params}
 * @param team {@code default_team_params}
 * @param groups models of each access group of the configuration
 * @param masterHash hash of the master key, which is nobody's virtual key; or null
 */
record KeyRules(
        JsonObject defaults,
        JsonObject ceilings,
        JsonObject settings,
        JsonObject user,
        JsonObject team,
        Map<String, List<String>> groups,
        @Nullable String masterHash) {
    /** None. */
    static KeyRules none() {
        return new KeyRules(
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                Map.of(),
                null);
    }

    /** Those of a configuration. */
    static KeyRules of(Snapshot config) {
        Map<String, List<String>> groups = new HashMap<>();
        for (Deployment deployment : config.models().deployments()) {
            JsonObject info = new JsonObject(deployment.info().json());
            for (String group : texts(info, "access_groups")) {
                groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(deployment.group());
            }
        }
        Secret master = config.general().masterKey();
        MakingSettings making = config.general().making();
        return new KeyRules(
                new JsonObject(making.key()),
                new JsonObject(making.keyCeilings()),
                new JsonObject(making.keyRules()),
                new JsonObject(making.user()),
                new JsonObject(making.team()),
                groups,
                master == null ? null : Keys.hash(master.reveal()));
    }

    private static final List<String> COUNTED =
            List.of("max_budget", "max_parallel_requests", "tpm_limit", "rpm_limit");
    private static final List<String> LASTING = List.of("budget_duration", "duration");
    private static final List<String> EVERYTHING = List.of("*", "all-proxy-models");
    private static final List<String> SPECIAL = List.of("all-team-models", "all-proxy-models", "no-default-models");

    /** Fields of a new key with the defaults where the request says nothing. */
    JsonObject filled(JsonObject fields) {
        JsonObject filled = with(defaults, fields);
        for (String name : ceilings.fieldNames()) {
            if (filled.getValue(name) == null && ceilings.getValue(name) != null) {
                filled.put(name, ceilings.getValue(name));
            }
        }
        return filled;
    }

    /** An explicit null of {@code budget_duration} means that spend never begins anew; other nulls mean nothing. */
    static JsonObject with(JsonObject defaults, JsonObject fields) {
        JsonObject filled = fields.copy();
        for (String name : defaults.fieldNames()) {
            boolean said = name.equals("budget_duration") && fields.containsKey(name) || !empty(fields.getValue(name));
            if (!said && defaults.getValue(name) != null) {
                filled.put(name, defaults.getValue(name));
            }
        }
        return filled;
    }

    private static boolean empty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case JsonArray list -> list.isEmpty();
            case JsonObject object -> object.isEmpty();
            default -> false;
        };
    }

    /** Refuses what goes beyond the ceilings. */
    void checkCeilings(JsonObject fields) throws Refusal {
        for (String name : COUNTED) {
            Object asked = fields.getValue(name);
            Object most = ceilings.getValue(name);
            if (asked instanceof Number
                    && most != null
                    // A variable's value in the file is text.
                    && new BigDecimal(asked.toString())
                                    .compareTo(new BigDecimal(most.toString().strip()))
                            > 0) {
                throw over(name, asked, most);
            }
        }
        for (String name : LASTING) {
            if (fields.getValue(name) instanceof String asked
                    && ceilings.getValue(name) instanceof String most
                    && (asked.equals("-1") || seconds(asked) > seconds(most))) {
                throw over(name, asked, most);
            }
        }
    }

    /** An update may not lift what the ceilings hold down. */
    void checkUpdate(JsonObject fields) throws Refusal {
        checkCeilings(fields);
        for (String name : ceilings.fieldNames()) {
            if (fields.containsKey(name) && fields.getValue(name) == null && ceilings.getValue(name) != null) {
                throw over(name, "null", ceilings.getValue(name));
            }
        }
    }

    private static long seconds(String lifetime) {
        return Lifetime.parse(lifetime).map(Lifetime::seconds).orElse(Long.MAX_VALUE);
    }

    private static Refusal over(String name, Object asked, Object most) {
        return Refusal.bad(
                name + " is over max limit set in config - user_value=" + asked + "; max_value=" + most, name);
    }

    /** {@code required_params} of {@code personal_key_generation} or {@code team_key_generation}. */
    void checkRequired(String kind, JsonObject fields) throws Refusal {
        for (String name : texts(settings.getJsonObject(kind), "required_params")) {
            if (empty(fields.getValue(name))) {
                throw Refusal.bad("Required param " + name + " not in data", name);
            }
        }
    }

    /** The roles that may make such keys; null: nothing is said. */
    @Nullable List<String> roles(String kind, String field) {
        JsonObject rule = settings.getJsonObject(kind);
        return rule == null || rule.getValue(field) == null ? null : texts(rule, field);
    }

    /** What of {@code wanted} the owner's models do not allow; null: all of it is. */
    @Nullable String beyond(List<String> owned, List<String> wanted) {
        if (owned.isEmpty() || owned.stream().anyMatch(EVERYTHING::contains)) {
            return null;
        }
        List<String> names = new ArrayList<>(owned);
        owned.forEach(name -> names.addAll(groups.getOrDefault(name, List.of())));
        ModelAccess access = ModelAccess.ofKey(names);
        for (String name : wanted) {
            boolean fine = SPECIAL.contains(name)
                    || access.allows(name)
                    || groups.containsKey(name) && groups.get(name).stream().allMatch(access::allows);
            if (!fine) {
                return name;
            }
        }
        return null;
    }

    static List<String> texts(@Nullable JsonObject object, String name) {
        List<String> texts = new ArrayList<>();
        if (object != null && object.getValue(name) instanceof JsonArray list) {
            list.forEach(each -> texts.add(String.valueOf(each)));
        }
        return texts;
    }
}
