/** Spend that is not stored yet is kept on a second node. */
@NullMarked
package dev.tollgate.accounting.outbox;

import org.jspecify.annotations.NullMarked;
