package dev.tollgate.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which models a caller may use: all rules must allow a model. Names may end in {@code *} ({@code openai/*}, {@code *}), as in
 * LiteLLM; its special names and access groups have been resolved before.
 *
 * @param rules what the key, its team, its user … allow; empty: everything
 */
public record ModelAccess(List<Rule> rules) {
    /** No restriction. */
    public static final ModelAccess ALL = new ModelAccess(List.of());

    /**
     * One owner's list.
     *
     * @param owner whose list it is, in LiteLLM's words: {@code key}, {@code team}, {@code user}, {@code org}, {@code customer}
     * @param models names and patterns; empty: nothing is allowed
     */
    public record Rule(String owner, List<String> models) {
        public Rule {
            models = List.copyOf(models);
        }

        boolean allows(String model) {
            for (String name : models) {
                if (name.equals(model) || covers(name, model)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean covers(String pattern, String model) {
            int star = pattern.indexOf('*');
            return star >= 0
                    && model.length() >= pattern.length() - 1
                    && model.startsWith(pattern.substring(0, star))
                    && model.endsWith(pattern.substring(star + 1));
        }
    }

    public ModelAccess {
        rules = List.copyOf(rules);
    }

    /** A key's own list; empty: everything. */
    public static ModelAccess ofKey(List<String> models) {
        return models.isEmpty() ? ALL : new ModelAccess(List.of(new Rule("key", models)));
    }

    /** The first rule that does not allow the model; null: it may be used. */
    public @Nullable Rule against(String model) {
        for (Rule rule : rules) {
            if (!rule.allows(model)) {
                return rule;
            }
        }
        return null;
    }

    /** Whether the model may be used. */
    public boolean allows(String model) {
        return against(model) == null;
    }

    /** Why a model that is not allowed is refused: LiteLLM's status and types. */
    public Failure refusal(String model) {
        Rule rule = against(model);
        String owner = rule == null ? "key" : rule.owner();
        return Failure.of(
                        FailureKind.PERMISSION,
                        owner + " not allowed to access model. This " + owner + " can only access models="
                                + (rule == null ? List.of() : rule.models()) + ". Tried to access " + model)
                .withParam("model")
                .withCode("403")
                .withType(owner + "_model_access_denied");
    }
}
