/** {@code config.yaml} as typed, immutable records: read, include, expand, validate with line numbers, resolve, watch. */
@NullMarked
package dev.tollgate.config;

import org.jspecify.annotations.NullMarked;
