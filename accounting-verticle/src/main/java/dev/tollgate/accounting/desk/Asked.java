package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.stored.Vault;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request at its endpoint.
 *
 * @param manage what came over the wire
 * @param named the part of the path that the endpoint leaves open, or empty
 * @param now when it is looked at
 * @param rights what the caller may do
 * @param writing where changes are put down
 * @param misspelt where fields are put down that are probably called otherwise
 */
record Asked(Manage manage, String named, Instant now, Rights rights, Writing writing, Misspelt misspelt) {
    private static final String NOBODY = "default_user_id";
    private static final String THIS_NODE = "this node";
    private static final int MOST_ON_A_PAGE = 100;

    /** An endpoint's work. */
    interface Handler {
        /** Reads and puts changes down. */
        Reply answer(Asked asked) throws Refusal;
    }

    /** Answers once the changes are written, so that it shows what is. */
    interface Reply {
        Managed show();
    }

    /** One page of a longer list. */
    record Page<T>(int number, int size, int total, List<T> items) {
        int pages() {
            return (total + size - 1) / size;
        }
    }

    Caller caller() {
        return manage.caller();
    }

    JsonObject read(Form form) throws Refusal {
        return read(form, Form.object(manage.body()));
    }

    /** Reads an object that is part of the body. */
    JsonObject read(Form form, JsonObject part) throws Refusal {
        misspelt.look(part, form.names());
        return form.read(part);
    }

    @Nullable String parameter(String name) {
        String value = manage.parameter(name);
        return value == null || value.isEmpty() ? null : value;
    }

    boolean flag(String name) {
        String value = parameter(name);
        return value != null && Boolean.TRUE.equals(FieldType.FLAG.read(value).value());
    }

    /** A whole number of the query string. */
    int number(String name, int usual, int most) throws Refusal {
        String value = parameter(name);
        if (value == null) {
            return usual;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw Refusal.invalid(new JsonArray()
                .add(Form.mistake(
                        "int_parsing",
                        List.of("query", name),
                        "Input should be a whole number from 1 to " + most,
                        value)));
    }

    /** The page that {@code page} and another parameter ask for. */
    <T> Page<T> page(List<T> all, String sizeName, int usualSize) throws Refusal {
        int page = number("page", 1, Integer.MAX_VALUE);
        int size = number(sizeName, usualSize, MOST_ON_A_PAGE);
        long from = Math.min((page - 1L) * size, all.size());
        int to = (int) Math.min(from + size, all.size());
        return new Page<>(page, size, all.size(), all.subList((int) from, to));
    }

    /** Who is written down as having changed something. */
    String author() {
        if (caller().admin() && manage.changedBy() != null) {
            return manage.changedBy();
        }
        return caller().userId() != null ? caller().userId() : NOBODY;
    }

    /** A new document with its stamps. */
    JsonObject born(JsonObject fields) {
        String time = Lifetime.iso(now);
        return fields.put("created_at", time)
                .put("created_by", author())
                .put("updated_at", time)
                .put("updated_by", author());
    }

    /** A changed one with its stamps. */
    JsonObject changed(JsonObject document) {
        return document.put("updated_at", Lifetime.iso(now)).put("updated_by", author());
    }

    static Reply show(Supplier<JsonObject> body) {
        return () -> new Managed.Done(200, body.get().toBuffer());
    }

    /** The same of what has to be put in force first; a lane of this node that does not take it makes the node one that is not reached. */
    static Reply inForce(Vault vault, Supplier<JsonObject> body) {
        return () -> {
            List<String> unreached = vault.bring() ? List.of() : List.of(THIS_NODE);
            return new Managed.Done(200, body.get().toBuffer(), unreached);
        };
    }

    static Reply list(Supplier<JsonArray> body) {
        return () -> new Managed.Done(200, body.get().toBuffer());
    }
}
