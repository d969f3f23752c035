/** Prices of models, and what a call costs by them. */
@NullMarked
package dev.tollgate.accounting.price;

import org.jspecify.annotations.NullMarked;
