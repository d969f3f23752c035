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

    /** One question, of what the caller may see. */
    void ask(String what, RoutingContext context, Caller caller) {
        Map<String, String> parameters = new HashMap<>();
        context.queryParams().forEach(parameters::put);
        Query query = new Query(what, parameters, context.body().buffer(), Query.Scope.of(caller));
        bus.<Query, QueryResult>ask(Addresses.LEDGER, query)
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
}
