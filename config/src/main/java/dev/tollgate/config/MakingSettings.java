package dev.tollgate.config;

/**
 * What {@code litellm_settings} says about keys, users and teams that the admin API makes. Each is a JSON object as it stands in the
 * file, {@code {}} when it says nothing; amounts and durations in them have been checked.
 *
 * @param key {@code default_key_generate_params}: for fields that a request leaves out
 * @param keyCeilings {@code upperbound_key_generate_params}: most that a key may have
 * @param keyRules {@code key_generation_settings}: who may make keys, and what they must say
 * @param user {@code default_internal_user_params}
 * @param team {@code default_team_params}
 */
public record MakingSettings(String key, String keyCeilings, String keyRules, String user, String team) {
    private static final String NOTHING = "{}";

    /** Nothing is said. */
    public static final MakingSettings NONE = new MakingSettings(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING);
}
