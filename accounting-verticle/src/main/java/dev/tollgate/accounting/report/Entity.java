package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.SpendSums.Condition;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whose daily activity is asked for: how sums tell them, and which parameters choose some of them. */
enum Entity {
    /** Users; their days are not divided any further. */
    USER(null, null, null),
    TEAM("team_ids", "exclude_team_ids", Part.TEAM),
    TAG("tags", null, Part.TAGS),
    /** Rows do not name an organization: a call is that one's which its key, or its team, belongs to today. */
    ORGANIZATION("organization_ids", "exclude_organization_ids", null),
    CUSTOMER("end_user_ids", "exclude_end_user_ids", Part.END_USER);

    private final @Nullable String wanted;
    private final @Nullable String unwanted;
    private final @Nullable Part part;

    Entity(@Nullable String wanted, @Nullable String unwanted, @Nullable Part part) {
        this.wanted = wanted;
        this.unwanted = unwanted;
        this.part = part;
    }

    /** That of a question such as {@code team/daily/activity} or {@code team/spend/report}. */
    static Optional<Entity> of(String question) {
        return switch (question.replaceFirst("/(daily/activity(/aggregated)?|spend/report)$", "")) {
            case "user" -> Optional.of(USER);
            case "team" -> Optional.of(TEAM);
            case "tag" -> Optional.of(TAG);
            case "organization" -> Optional.of(ORGANIZATION);
            case "customer", "end_user" -> Optional.of(CUSTOMER);
            default -> Optional.empty();
        };
    }

    /** What sums have to be grouped by besides, to tell them. */
    Optional<Part> by() {
        return Optional.ofNullable(part);
    }

    /** Those that the question names, as far as the store can tell. */
    Optional<Condition> only(Ask ask) {
        List<String> named = named(ask, wanted);
        return named.isEmpty() || part == null || this == TAG
                ? Optional.empty()
                : Optional.of(new Condition(part, named));
    }

    /** Which of them the question is about. */
    Predicate<String> chosen(Ask ask, Names names) {
        return chosen(ask, names, named(ask, wanted));
    }

    /** The same, if it names these; none: all that the caller may see. */
    Predicate<String> chosen(Ask ask, Names names, List<String> named) {
        Set<String> some = new HashSet<>(named);
        Set<String> without = new HashSet<>(named(ask, unwanted));
        Predicate<String> chosen = id -> (some.isEmpty() || some.contains(id)) && !without.contains(id);
        if (this != ORGANIZATION) {
            return chosen;
        }
        Predicate<String> seen = id -> names.seesOrganization(ask.query().scope(), id);
        some.stream().filter(seen.negate()).findFirst().ifPresent(id -> {
            throw new Forbidden("User is not org_admin for Organization= " + id + ".");
        });
        return chosen.and(seen);
    }

    private static List<String> named(Ask ask, @Nullable String parameter) {
        return parameter == null ? List.of() : ask.list(parameter);
    }

    /** Tells whom a sum counts for. */
    Function<Sum, Stream<String>> reader(Names names) {
        return switch (this) {
            case USER -> _ -> Stream.empty();
            case TAG -> Tags::of;
            case TEAM -> sum -> some(sum.text(Part.TEAM));
            case CUSTOMER -> sum -> some(sum.text(Part.END_USER));
            case ORGANIZATION -> {
                Names.Organizations organizations = names.organizations();
                yield sum -> some(organizations.of(sum.text(Part.KEY), sum.text(Part.TEAM)));
            }
        };
    }

    private static Stream<String> some(@Nullable String id) {
        return id == null || id.isEmpty() ? Stream.empty() : Stream.of(id);
    }

    /** What is shown beside the figures of one. */
    JsonObject metadata(String id, Names names) {
        return switch (this) {
            case USER, TAG -> new JsonObject();
            case TEAM -> new JsonObject().put("team_alias", names.team(id));
            case ORGANIZATION -> new JsonObject().put("organization_alias", names.organization(id));
            case CUSTOMER -> new JsonObject().put("alias", names.customer(id));
        };
    }
}
