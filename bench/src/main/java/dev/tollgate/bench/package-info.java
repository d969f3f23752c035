/** Measures the gateway beside nginx in one run. Never part of the tests: a figure is read by people. */
@NullMarked
package dev.tollgate.bench;

import org.jspecify.annotations.NullMarked;
