package dev.tollgate.accounting.book;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Accounts of users' places in teams or organizations, found by both without making their id of them: calls ask for it, also those of
 * keys that have none. Read from any thread.
 */
final class Places<A extends Account> {
    private final ConcurrentHashMap<String, ConcurrentHashMap<String, A>> byGroup = new ConcurrentHashMap<>();

    /** {@code id}: the group and the user, with a line feed in between. {@code account}: null when there is none any more. */
    void put(String id, @Nullable A account) {
        int end = id.indexOf('\n');
        if (end < 0) {
            return;
        }
        String group = id.substring(0, end);
        String user = id.substring(end + 1);
        if (account != null) {
            byGroup.computeIfAbsent(group, _ -> new ConcurrentHashMap<>()).put(user, account);
        } else {
            byGroup.computeIfPresent(group, (_, users) -> {
                users.remove(user);
                return users.isEmpty() ? null : users;
            });
        }
    }

    @Nullable A get(String group, String user) {
        ConcurrentHashMap<String, A> users = byGroup.get(group);
        return users == null ? null : users.get(user);
    }
}
