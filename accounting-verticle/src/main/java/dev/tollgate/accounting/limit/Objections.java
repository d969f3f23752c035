package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ModelAccess;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What speaks against a call of some model before anything is counted for it: its end user, and budgets that are spent. */
final class Objections {
    private final Accounts accounts;
    private final Counters counters;
    private final Consumer<Alert> alerts;
    private BudgetSettings settings;

    Objections(Accounts accounts, Counters counters, Consumer<Alert> alerts, BudgetSettings settings) {
        this.accounts = accounts;
        this.counters = counters;
        this.alerts = alerts;
        this.settings = settings;
    }

    /** Another configuration is in force. */
    void configured(BudgetSettings next) {
        settings = next;
    }

    /** Where the models have to be that the call's end user may use, or null: anywhere. */
    @Nullable String region(Call call) {
        Account.Customer customer = customer(call);
        return customer == null ? null : customer.region();
    }

    private Account.@Nullable Customer customer(Call call) {
        String endUser = call.envelope().user();
        return endUser == null ? null : accounts.customer(endUser);
    }

    /** The end user is blocked, or may not use that model; null: neither. */
    Admission.@Nullable Refused ofEndUser(Call call, String model) {
        Account.Customer customer = customer(call);
        if (customer == null) {
            return null;
        }
        if (customer.blocked()) {
            return Refusals.refused(
                    FailureKind.PERMISSION,
                    "End user " + customer.id() + " is blocked. An admin can change that with /customer/unblock");
        }
        var access = new ModelAccess(
                customer.models().isEmpty() ? List.of() : List.of(new ModelAccess.Rule("customer", customer.models())));
        return access.allows(model) ? null : new Admission.Refused(access.refusal(model), Map.of());
    }

    /** One of them has spent its budget, or nobody knows yet whether it has; null: neither. */
    Admission.@Nullable Refused ofBudgets(List<Party> concerned, Instant now) {
        for (Party party : concerned) {
            if (party.budgeted()) {
                if (!counters.loaded().isComplete()) {
                    return Refusals.refused(FailureKind.OVERLOADED, Counters.UNKNOWN);
                }
                Purse purse = party.purse(counters);
                long spent = purse.spent(party.limits(), now, settings.zone());
                if (spent >= party.limits().budgetNanos()) {
                    Crossing.refused(party, purse, spent, alerts);
                    return Refusals.budget(
                            party,
                            spent,
                            purse.endMillis(party.limits(), now, settings.zone()),
                            settings.exceededStatus(),
                            null,
                            now);
                }
            }
        }
        return null;
    }
}
