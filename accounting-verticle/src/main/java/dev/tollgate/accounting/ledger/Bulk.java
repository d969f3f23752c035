package dev.tollgate.accounting.ledger;

import io.vertx.core.buffer.Buffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Many rows for one table at once.
 *
 * @param columns the columns, those of the primary key or of the digest first
 * @param keys how many columns tell rows from each other
 * @param conflict what becomes of a row that is there already
 */
record Bulk(String table, List<Column> columns, int keys, Conflict conflict) {

    /** What becomes of a row that is there already. */
    enum Conflict {
        /** The statement fails. */
        REFUSE,
        /** It stays as it is. */
        KEEP,
        /** Numbers are added to its numbers; texts are what they were. */
        ADD,
        /** It is replaced. */
        REPLACE
    }

    /** A column's type and the Java class of its values. */
    enum Type {
        UUID("uuid", UUID.class),
        BYTES("bytea", Buffer.class),
        TEXT("text", String.class),
        LONG("bigint", Long.class),
        INT("integer", Integer.class),
        DOUBLE("double precision", Double.class),
        FLAG("boolean", Boolean.class),
        DAY("date", LocalDate.class);

        private final String postgres;
        private final Class<?> java;

        Type(String postgres, Class<?> java) {
            this.postgres = postgres;
            this.java = java;
        }

        String postgres() {
            return postgres;
        }

        Class<?> java() {
            return java;
        }
    }

    /** A column of these rows. */
    record Column(String name, Type type) {}

    static final Bulk CONTEXTS = new Bulk("spend_contexts", contexts(), 1, Conflict.KEEP);

    static final Bulk SPEND = new Bulk(
            "spend",
            List.of(
                    new Column("request_id", Type.UUID),
                    new Column("context", Type.LONG),
                    new Column("start_millis", Type.LONG),
                    new Column("duration_ms", Type.DOUBLE),
                    new Column("first_token_ms", Type.DOUBLE),
                    new Column("spend_nanos", Type.LONG),
                    new Column("prompt_tokens", Type.LONG),
                    new Column("completion_tokens", Type.LONG),
                    new Column("cache_read_tokens", Type.LONG),
                    new Column("cache_write_tokens", Type.LONG),
                    new Column("cache_write_hour_tokens", Type.LONG),
                    new Column("audio_prompt_tokens", Type.LONG),
                    new Column("reasoning_tokens", Type.LONG),
                    new Column("audio_completion_tokens", Type.LONG),
                    new Column("web_searches", Type.LONG),
                    new Column("given_id", Type.TEXT),
                    new Column("service_tier", Type.TEXT),
                    new Column("part_of", Type.UUID),
                    new Column("price_version", Type.TEXT),
                    new Column("image_prompt_tokens", Type.LONG),
                    new Column("image_completion_tokens", Type.LONG)),
            1,
            Conflict.REFUSE);

    static final Bulk DAILY = new Bulk(
            "spend_daily",
            List.of(
                    new Column("day", Type.DAY),
                    new Column("digest", Type.BYTES),
                    new Column("api_key", Type.TEXT),
                    new Column("user_id", Type.TEXT),
                    new Column("team_id", Type.TEXT),
                    new Column("model_group", Type.TEXT),
                    new Column("model", Type.TEXT),
                    new Column("provider", Type.TEXT),
                    new Column("requests", Type.LONG),
                    new Column("failed", Type.LONG),
                    new Column("prompt_tokens", Type.LONG),
                    new Column("completion_tokens", Type.LONG),
                    new Column("spend_nanos", Type.LONG)),
            2,
            Conflict.ADD);

    static final Bulk BALANCES = balances("balances");

    static final Bulk CORRECTIONS = balances("balance_corrections");

    static final Bulk PAYERS = new Bulk(
            "spend_payers",
            List.of(new Column("context", Type.LONG), new Column("payers", Type.TEXT)),
            1,
            Conflict.KEEP);

    static final Bulk HORIZON = new Bulk(
            "spend_horizon",
            List.of(new Column("name", Type.TEXT), new Column("millis", Type.LONG)),
            1,
            Conflict.REPLACE);

    static final Bulk CLAIMS = new Bulk(
            "cluster_claims",
            List.of(
                    new Column("epoch", Type.LONG),
                    new Column("digest", Type.BYTES),
                    new Column("nodes", Type.TEXT),
                    new Column("made_millis", Type.LONG)),
            2,
            Conflict.KEEP);

    static final Bulk ALERTS = new Bulk(
            "alerts",
            List.of(
                    new Column("digest", Type.BYTES),
                    new Column("node", Type.TEXT),
                    new Column("alert", Type.TEXT),
                    new Column("until_millis", Type.LONG),
                    new Column("made_millis", Type.LONG)),
            1,
            Conflict.KEEP);

    static final Bulk POSITIONS = new Bulk(
            "journal_positions",
            List.of(new Column("file", Type.TEXT), new Column("position", Type.LONG)),
            1,
            Conflict.REPLACE);

    private static Bulk balances(String table) {
        return new Bulk(
                table,
                List.of(
                        new Column("kind", Type.TEXT),
                        new Column("digest", Type.BYTES),
                        new Column("period_millis", Type.LONG),
                        new Column("id", Type.TEXT),
                        new Column("spend_nanos", Type.LONG)),
                3,
                Conflict.ADD);
    }

    private static List<Column> contexts() {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("digest", Type.BYTES));
        Context.TEXTS.forEach(text -> columns.add(new Column(text, Type.TEXT)));
        columns.add(new Column("status", Type.INT));
        for (String flag : List.of("priced", "stream", "usage_reported")) {
            columns.add(new Column(flag, Type.FLAG));
        }
        return List.copyOf(columns);
    }

    /** Names of all columns, for the statement. */
    String names() {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }

    /** Names of the columns that tell rows from each other. */
    String keyNames() {
        return String.join(
                ", ", columns.subList(0, keys).stream().map(Column::name).toList());
    }

    /** Columns that change when the row is there already: numbers behind the key. */
    List<String> changing() {
        return columns.subList(keys, columns.size()).stream()
                .filter(column -> column.type() == Type.LONG)
                .map(Column::name)
                .toList();
    }
}
