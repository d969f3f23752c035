package dev.tollgate.accounting.desk;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code members_with_roles} of a team's document: who is in it, and as what. */
final class Members {
    private static final String FIELD = "members_with_roles";

    private Members() {}

    /** Id of the entry about one user's place in a team or organization. */
    static String id(String group, String user) {
        return group + '\n' + user;
    }

    static List<JsonObject> of(JsonObject team) {
        List<JsonObject> members = new ArrayList<>();
        if (team.getValue(FIELD) instanceof JsonArray list) {
            for (Object member : list) {
                if (member instanceof JsonObject one) {
                    members.add(one);
                }
            }
        }
        return members;
    }

    /** A user's role in a team: {@code admin} or {@code user}; null: not in it. */
    static @Nullable String role(JsonObject team, @Nullable String user) {
        for (JsonObject member : of(team)) {
            if (user != null && user.equals(member.getString("user_id"))) {
                return member.getString("role", "user");
            }
        }
        return null;
    }

    /** Puts a user in, or changes the role of one who is. */
    static void put(JsonObject team, String user, @Nullable String email, String role) {
        JsonArray members = without(team, user);
        members.add(
                new JsonObject().put("user_id", user).put("user_email", email).put("role", role));
        team.put(FIELD, members);
    }

    static void remove(JsonObject team, String user) {
        team.put(FIELD, without(team, user));
    }

    private static JsonArray without(JsonObject team, String user) {
        JsonArray others = new JsonArray();
        for (JsonObject member : of(team)) {
            if (!user.equals(member.getString("user_id"))) {
                others.add(member.copy());
            }
        }
        return others;
    }
}
