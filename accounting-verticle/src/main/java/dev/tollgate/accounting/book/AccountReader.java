package dev.tollgate.accounting.book;

import dev.tollgate.protocol.UserRole;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes accounts of documents with LiteLLM's fields. */
final class AccountReader {
    /** Nothing at all is allowed. */
    private static final Limits NOTHING = new Limits(0, Limits.NONE, null, 0, 0, 0, Map.of());

    private final Function<String, @Nullable JsonObject> budgets;

    // Many keys say the same; each of these is kept once while many are read.
    private final Map<String, String> texts = new HashMap<>();
    private final Map<List<String>, List<String>> lists = new HashMap<>();
    private final Map<Limits, Limits> limits = new HashMap<>();

    /** {@code budgets} finds the document of a budget; null: there is none of that id. */
    AccountReader(Function<String, @Nullable JsonObject> budgets) {
        this.budgets = budgets;
    }

    /** What was read is let go. */
    void forget() {
        texts.clear();
        lists.clear();
        limits.clear();
    }

    private @Nullable String text(Fields fields, String name) {
        String text = fields.id(name);
        return text == null ? null : texts.computeIfAbsent(text, same -> same);
    }

    private List<String> texts(Fields fields, String name) {
        return lists.computeIfAbsent(fields.texts(name), same -> same);
    }

    /**
     * The account of an entry, or null when its kind has none.
     *
     * @throws Fields.Unreadable when a field of it, or of its budget, is not what it should be
     */
    @Nullable Account read(Kind kind, String id, JsonObject document) {
        Fields fields = new Fields(document);
        return switch (kind) {
            case KEY -> key(id, fields);
            case USER ->
                new Account.User(
                        id,
                        alias(fields, "user"),
                        role(fields),
                        fields.texts("models"),
                        blocked(fields),
                        limits(fields));
            case TEAM -> team(id, fields);
            case MEMBER -> member(id, fields);
            case ORGANIZATION ->
                new Account.Organization(id, alias(fields, "organization"), fields.texts("models"), limits(fields));
            case CUSTOMER -> customer(id, fields);
            case TAG -> new Account.Tag(id, limits(fields));
            case ORGANIZATION_MEMBER -> new Account.OrganizationMember(before(id), behind(id), limits(fields));
            case BUDGET, MODEL, CREDENTIAL, KEY_MODEL, GLOBAL, PART, PROVIDER, DEPLOYMENT -> null;
        };
    }

    private static boolean blocked(Fields fields) {
        return fields.flag("blocked");
    }

    private static @Nullable String alias(Fields fields, String of) {
        return fields.id(of + "_alias");
    }

    private static UserRole role(Fields fields) {
        String role = fields.id("user_role");
        return role == null
                ? UserRole.INTERNAL_USER
                : UserRole.named(role).orElseThrow(() -> new Fields.Unreadable("user_role", "a role"));
    }

    private Limits limits(Fields fields) {
        return limits.computeIfAbsent(LimitsReader.read(fields, budget(fields.id("budget_id"))), same -> same);
    }

    private @Nullable Fields budget(@Nullable String id) {
        JsonObject document = id == null ? null : budgets.apply(id);
        return document == null ? null : new Fields(document);
    }

    private Account.Key key(String hash, Fields fields) {
        String account = fields.id("account");
        String organization = text(fields, "organization_id");
        return new Account.Key(
                hash,
                account == null ? hash : account,
                fields.id("key_alias"),
                text(fields, "user_id"),
                text(fields, "team_id"),
                organization == null ? text(fields, "org_id") : organization,
                texts(fields, "models"),
                fields.names("aliases"),
                texts(fields, "allowed_routes"),
                tags(fields),
                expires(fields),
                blocked(fields),
                limits(fields));
    }

    /** The admin API keeps them in the metadata, as LiteLLM does; a file has them beside the other fields. */
    private List<String> tags(Fields fields) {
        return fields.has("tags") ? texts(fields, "tags") : texts(fields.fields("metadata"), "tags");
    }

    /** LiteLLM writes times with and without a zone; those without are UTC. */
    private static long expires(Fields fields) {
        String text = fields.id("expires");
        if (text == null) {
            return 0;
        }
        try {
            var parsed = DateTimeFormatter.ISO_DATE_TIME.parseBest(
                    text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from);
            Instant end = parsed instanceof OffsetDateTime zoned
                    ? zoned.toInstant()
                    : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
            return end.toEpochMilli();
        } catch (DateTimeException _) {
            throw new Fields.Unreadable("expires", "a time such as 2026-01-31T12:00:00Z");
        }
    }

    private Account.Team team(String id, Fields fields) {
        return new Account.Team(
                id,
                alias(fields, "team"),
                fields.id("organization_id"),
                fields.texts("models"),
                fields.names("model_aliases"),
                blocked(fields),
                limits(fields),
                LimitsReader.ofMembers(fields, budget(fields.fields("metadata").id("team_member_budget_id"))),
                tags(fields));
    }

    private Account.Member member(String id, Fields fields) {
        int cut = id.indexOf('\n');
        if (cut < 0) {
            throw new Fields.Unreadable("id", "a team and a user");
        }
        return new Account.Member(id.substring(0, cut), id.substring(cut + 1), false, limits(fields));
    }

    private Account.Customer customer(String id, Fields fields) {
        return new Account.Customer(
                id,
                fields.id("alias"),
                fields.texts("models"),
                fields.id("default_model"),
                fields.id("allowed_model_region"),
                blocked(fields),
                limits(fields));
    }

    /** User to whether they manage the team. */
    static Map<String, Boolean> members(JsonObject team) {
        Map<String, Boolean> members = new LinkedHashMap<>();
        for (Fields member : new Fields(team).each("members_with_roles")) {
            String user = member.id("user_id");
            if (user != null) {
                members.merge(user, "admin".equals(member.text("role")), Boolean::logicalOr);
            }
        }
        return members;
    }

    /** What stands for an entry that cannot be read: as if an admin had stopped it, never one without limits. */
    static @Nullable Account stopped(Kind kind, String id) {
        List<String> any = List.of();
        return switch (kind) {
            case KEY -> new Account.Key(id, id, null, null, null, null, any, Map.of(), any, any, 0, true, NOTHING);
            case USER -> new Account.User(id, null, UserRole.INTERNAL_USER_VIEWER, any, true, NOTHING);
            case TEAM -> new Account.Team(id, null, null, any, Map.of(), true, NOTHING, NOTHING);
            case MEMBER -> new Account.Member(before(id), behind(id), false, NOTHING);
            case ORGANIZATION -> new Account.Organization(id, null, any, NOTHING);
            case CUSTOMER -> new Account.Customer(id, null, any, null, null, true, NOTHING);
            case TAG -> new Account.Tag(id, NOTHING);
            case ORGANIZATION_MEMBER -> new Account.OrganizationMember(before(id), behind(id), NOTHING);
            case BUDGET, MODEL, CREDENTIAL, KEY_MODEL, GLOBAL, PART, PROVIDER, DEPLOYMENT -> null;
        };
    }

    /** The id of a place is that of the team or organization, a line feed, and the user's. */
    private static String before(String place) {
        return place.substring(0, Math.max(0, place.indexOf('\n')));
    }

    private static String behind(String place) {
        return place.substring(place.indexOf('\n') + 1);
    }
}
