package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;

/** What was spent, asked of the ledger. */
final class Spend {
    private final Bus bus;

    Spend(Bus bus) {
        this.bus = bus;
    }

    void logs(RoutingContext context) {
        Map<String, String> parameters = new HashMap<>();
        context.queryParams().forEach(parameters::put);
        narrow(parameters, ControlPlane.caller(context));
        bus.<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.SPEND_LOGS, parameters))
                .onComplete(
                        result -> {
                            if (result.json() != null) {
                                ControlPlane.json(context, result.json());
                            } else {
                                ControlPlane.failed(
                                        context,
                                        result.failure() != null
                                                ? result.failure()
                                                : Failure.of(FailureKind.INTERNAL, "The ledger gave no answer"));
                            }
                        },
                        cause -> ControlPlane.failed(
                                context,
                                Failure.of(
                                        FailureKind.OVERLOADED,
                                        "The ledger cannot be asked right now: " + cause.getMessage())));
    }

    /** Whoever may not see everything sees their own: a user's keys together, a key of nobody alone. */
    private static void narrow(Map<String, String> parameters, Caller caller) {
        if (caller.role().seesAll()) {
            return;
        }
        if (caller.userId() != null) {
            parameters.put("user_id", caller.userId());
        } else {
            parameters.put("api_key", String.valueOf(caller.keyHash()));
        }
    }
}
