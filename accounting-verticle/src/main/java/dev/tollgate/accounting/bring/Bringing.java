package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.book.EntryCheck;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.LiteLlmTables;
import dev.tollgate.cluster.Bring;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings a LiteLLM database over, table by table: limits before those who have them, keys last, so that a gateway that runs beside it
 * never sees a key without its limits.
 */
final class Bringing {
    private static final String ALIASES = "LiteLLM_ModelTable";
    private static final int MOST_ID_BYTES = 512;

    private final LiteLlmTables tables;
    private final Here here;
    private final Bring order;
    private final Translation translation;
    private final EntryCheck check;
    private final Leftovers leftovers = new Leftovers();

    /** Makes an entry of a row, or null: there is nothing to bring of it. */
    @FunctionalInterface
    private interface Translator {
        @Nullable Brought of(LiteLlmRow row);
    }

    Bringing(LiteLlmTables tables, Here here, Bring order, Translation translation) {
        this.tables = tables;
        this.here = here;
        this.order = order;
        this.translation = translation;
        this.check = new EntryCheck(here::budget);
    }

    private Map<String, Translator> translations() {
        Map<String, Translator> translations = new LinkedHashMap<>();
        translations.put("LiteLLM_BudgetTable", translation::budget);
        translations.put("LiteLLM_OrganizationTable", translation::organization);
        translations.put("LiteLLM_TeamTable", translation::team);
        translations.put("LiteLLM_UserTable", translation::user);
        translations.put("LiteLLM_TeamMembership", translation::member);
        translations.put("LiteLLM_OrganizationMembership", translation::organizationMember);
        translations.put("LiteLLM_EndUserTable", translation::customer);
        translations.put("LiteLLM_TagTable", translation::tag);
        translations.put("LiteLLM_VerificationToken", translation::key);
        return translations;
    }

    /** Lines for people: what was brought, what cannot be, and what to do next. */
    List<String> run() {
        tables.each(ALIASES, columns -> translation.aliases(new LiteLlmRow(columns)));
        Map<String, Translator> translations = translations();
        translations.forEach((table, translate) -> {
            tables.each(table, columns -> take(table, new LiteLlmRow(columns), translate));
            // All of a table is there before what depends on it.
            here.write();
        });
        Set<String> looked = new TreeSet<>(translations.keySet());
        looked.add(ALIASES);
        return lines(leftovers.lines(tables, looked));
    }

    private void take(String table, LiteLlmRow row, Translator translate) {
        Brought brought = translate.of(row);
        if (brought == null) {
            return;
        }
        leftovers.count(table, row.left());
        String name = brought.kind().storedName() + " `" + brought.id().replace('\n', '/') + "`";
        if (brought.id().getBytes(StandardCharsets.UTF_8).length > MOST_ID_BYTES) {
            leftovers.say(name.substring(0, 80) + "…: its id is longer than " + MOST_ID_BYTES + " bytes");
            return;
        }
        JsonObject document = brought.document();
        String trouble = document == null ? null : check.trouble(brought.kind(), brought.id(), document);
        if (trouble != null) {
            leftovers.say(name + " is brought but counts as blocked until somebody corrects it: " + trouble);
        }
        here.take(brought);
    }

    private List<String> lines(List<String> left) {
        List<String> lines = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            String tally = here.tally(kind);
            if (tally != null) {
                lines.add(label(kind) + ": " + tally);
            }
        }
        lines.add("holders with something spent in the present period: " + here.opened());
        if (!left.isEmpty()) {
            lines.add("");
            lines.add("Not brought:");
            left.forEach(line -> lines.add("  " + line));
        }
        lines.add("");
        lines.add(
                order.apply()
                        ? "A gateway that runs on this store knows the entries in a few seconds, but what they had spent only"
                                + " from its next start on: restart it before you send it calls"
                        : "Nothing was written (--dry-run)");
        return lines;
    }

    private static String label(Kind kind) {
        return switch (kind) {
            case KEY -> "keys";
            case USER -> "users";
            case TEAM -> "teams";
            case MEMBER -> "limits of members of teams";
            case ORGANIZATION -> "organizations";
            case ORGANIZATION_MEMBER -> "members of organizations";
            case CUSTOMER -> "customers";
            case BUDGET -> "budgets";
            case TAG -> "tags";
            case MODEL, CREDENTIAL, KEY_MODEL, GLOBAL, PART, PROVIDER, DEPLOYMENT -> kind.storedName();
        };
    }
}
