package dev.tollgate.cluster;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * An order to price calls again that were made already.
 *
 * @param since first UTC day
 * @param until last UTC day, or null: to now
 * @param model only calls of this model or model group, or null: all
 * @param apply whether the new prices are written; false: they are only shown
 */
public record Reprice(
        LocalDate since,
        @Nullable LocalDate until,
        @Nullable String model,
        boolean apply) {}
