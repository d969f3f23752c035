package dev.tollgate.config;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What may be spent at one place, whoever spends it: a provider, a deployment, a tag.
 *
 * @param most USD in each period; 0: nothing
 * @param duration the period ({@code 1d}, {@code 30d} …), or null: for ever
 */
public record Allowance(BigDecimal most, @Nullable String duration) {}
