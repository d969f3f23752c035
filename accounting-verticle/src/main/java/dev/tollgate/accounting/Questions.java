package dev.tollgate.accounting;

import dev.tollgate.accounting.price.Calculation;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.report.Forbidden;
import dev.tollgate.accounting.report.Reports;
import dev.tollgate.cluster.Lane;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Answers what the control plane asks: at once where the lane knows it, else from the store. */
final class Questions {
    private final Lane lane;
    private final Prices prices;
    private final Shipper shipper;
    private final Reports reports;
    private final Function<Duration, Future<JsonObject>> budgets;
    private final BooleanSupplier caughtUp;

    /** {@code caughtUp}: whether this node knows the keys that its cluster has. */
    Questions(
            Lane lane,
            Prices prices,
            Shipper shipper,
            Reports reports,
            Function<Duration, Future<JsonObject>> budgets,
            BooleanSupplier caughtUp) {
        this.budgets = budgets;
        this.caughtUp = caughtUp;
        this.lane = lane;
        this.prices = prices;
        this.shipper = shipper;
        this.reports = reports;
    }

    Future<QueryResult> ask(Query query) {
        return switch (query.what()) {
            case Query.STORE ->
                Future.succeededFuture(QueryResult.of(new JsonObject()
                        .put("works", shipper.works())
                        .put("caught_up", caughtUp.getAsBoolean())
                        .toBuffer()));
            case Query.PROVIDER_BUDGETS ->
                budgets.apply(lane.node().patience())
                        .map(json -> QueryResult.of(json.toBuffer()))
                        .otherwise(cause -> QueryResult.refused(
                                Failure.of(FailureKind.OVERLOADED, String.valueOf(cause.getMessage()))));
            case Query.CALCULATE -> Future.succeededFuture(calculated(query));
            case Query.END_USERS -> reported(query);
            default ->
                Query.REPORTS.contains(query.what())
                        ? reported(query)
                        : Future.succeededFuture(QueryResult.refused(Failure.of(
                                FailureKind.NOT_FOUND, "The ledger knows no question `" + query.what() + "`")));
        };
    }

    private QueryResult calculated(Query query) {
        try {
            Calculation calculation = new Calculation(prices, lane.config().models(), Instant.now());
            return QueryResult.of(calculation.answer(query.body()).toBuffer());
        } catch (IllegalArgumentException e) {
            return QueryResult.refused(Failure.of(FailureKind.BAD_REQUEST, String.valueOf(e.getMessage())));
        }
    }

    private Future<QueryResult> reported(Query query) {
        return shipper.ask(ledger -> reports.answer(query, ledger))
                .map(QueryResult::of)
                .otherwise(cause -> QueryResult.refused(refusal(cause)));
    }

    private static Failure refusal(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case Forbidden _ -> Failure.of(FailureKind.PERMISSION, message).withType("auth_error");
            case IllegalArgumentException _ -> Failure.of(FailureKind.BAD_REQUEST, message);
            default -> Failure.of(FailureKind.OVERLOADED, "The spend store cannot be read: " + message);
        };
    }
}
