package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All accounts that a store and a configuration define, for a program that looks at them once and is no node. */
public final class EveryAccount {
    private EveryAccount() {}

    /** Those of the store and of these keys, document by hash, as a gateway would have them. */
    public static List<Account> of(Definitions definitions, Map<String, JsonObject> fileKeys) {
        Contents contents = new Contents();
        Set<Holder> defined = new LinkedHashSet<>();
        definitions.changes(0, each -> {
            contents.put(each);
            defined.add(new Holder(each.kind(), each.id()));
        });
        contents.settle();
        List<Definitions.Definition> fixed = new ArrayList<>();
        fileKeys.forEach((hash, document) -> {
            fixed.add(new Definitions.Definition(Kind.KEY, hash, 1, document.encode()));
            defined.add(new Holder(Kind.KEY, hash));
        });
        contents.fix(fixed);
        List<Account> accounts = new ArrayList<>();
        for (Holder entry : defined) {
            Account account = contents.account(entry.kind(), entry.id());
            if (account != null) {
                accounts.add(account);
            }
        }
        return accounts;
    }
}
