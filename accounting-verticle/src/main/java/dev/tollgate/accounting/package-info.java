/** What calls cost, written down so that nothing is lost. */
@NullMarked
package dev.tollgate.accounting;

import org.jspecify.annotations.NullMarked;
