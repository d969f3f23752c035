package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.router.strategy.Seats;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which deployments a call's tags lead to: those with one of the tags (or with all, without {@code tag_filtering_match_any}) or whose
 * {@code tag_regex} finds itself in {@code User-Agent: …}; when there is none that can be used now, those tagged {@code default}. A tag
 * {@code &x} demands the tag x, {@code !x} forbids it. A call that neither tags nor patterns speak for goes to those tagged
 * {@code default}, or to all when none is.
 */
final class Tags {
    private static final String DEFAULT = "default";

    private final List<String> required = new ArrayList<>();
    private final List<String> forbidden = new ArrayList<>();
    private final List<String> wanted = new ArrayList<>();
    private final boolean any;
    private final Predicate<Deployment> recognised;

    /** {@code recognised}: whether a deployment's patterns fit this client. */
    Tags(List<String> tags, RouterSettings.Tags settings, Predicate<Deployment> recognised) {
        this.any = settings.matchAny();
        this.recognised = recognised;
        String prefix = settings.prefix();
        for (String each : tags) {
            String tag = each.startsWith(prefix) ? each.substring(prefix.length()) : each;
            switch (tag.isEmpty() ? ' ' : tag.charAt(0)) {
                case '&' -> required.add(tag.substring(1));
                case '!' -> forbidden.add(tag.substring(1));
                default -> wanted.add(tag);
            }
        }
    }

    /** Empty when the tags lead nowhere. */
    List<Deployment> choose(List<Deployment> members, Predicate<List<Deployment>> anyUsable) {
        List<Deployment> permitted = those(members, this::permitted);
        List<Deployment> matching = those(permitted, this::matches);
        if (anyUsable.test(matching)) {
            return matching;
        }
        if (wanted.isEmpty() && !required.isEmpty()) {
            return permitted;
        }
        if (wanted.isEmpty() && matching.isEmpty()) {
            List<Deployment> defaults = those(members, Tags::isDefault);
            return those(defaults.isEmpty() ? members : defaults, this::permitted);
        }
        List<Deployment> defaults = those(permitted, Tags::isDefault);
        return defaults.isEmpty() ? matching : defaults;
    }

    /** The text LiteLLM has for it. */
    static Failure nowhere(String group, List<String> tags) {
        return Failure.of(
                FailureKind.AUTHENTICATION,
                "Not allowed to access model due to tags configuration. Passed model=" + group + " and tags=" + tags);
    }

    private static List<Deployment> those(List<Deployment> members, Predicate<Deployment> which) {
        return Seats.those(members, which);
    }

    private static boolean isDefault(Deployment member) {
        return member.routing().tags().contains(DEFAULT);
    }

    private boolean permitted(Deployment member) {
        List<String> tags = member.routing().tags();
        return tags.containsAll(required) && forbidden.stream().noneMatch(tags::contains);
    }

    /** Patterns cannot make up for a tag that all were wanted of (LiteLLM). */
    private boolean matches(Deployment member) {
        List<String> tags = member.routing().tags();
        boolean tagged =
                !wanted.isEmpty() && (any ? wanted.stream().anyMatch(tags::contains) : tags.containsAll(wanted));
        boolean refused = !any && !wanted.isEmpty() && !tags.isEmpty() && !tagged;
        return tagged || (!refused && recognised.test(member));
    }
}
