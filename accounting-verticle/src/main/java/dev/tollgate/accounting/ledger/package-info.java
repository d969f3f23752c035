/** The store of spend rows. */
@NullMarked
package dev.tollgate.accounting.ledger;

import org.jspecify.annotations.NullMarked;
